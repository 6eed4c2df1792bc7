/** TypeScript that is typed into a session, as JavaScript: by Node where it strips types itself, else by esbuild. */
import { Script } from "node:vm";

export type Stripped =
  | {
      readonly kind: "javascript";
      readonly code: string;
      /** What to say should the code be no JavaScript either. */
      readonly hint?: string;
    }
  | { /** It may go on with the next line. */ readonly kind: "incomplete" };

export type Stripper = (code: string) => string;

const HINT = "TypeScript in a session needs Node 22.13 or later, or esbuild: npm install esbuild";
/** `f<T>(x)` is two comparisons in JavaScript. */
const GENERIC_CALL = /[\w$]<[^<>()=;]*(?:<[^<>()=;]*>)?[^<>()=;]*>\s*\(/;

/**
 * Code that is JavaScript stays as it is; so does what cannot be read at all, and Node then says why. `isTypeScript`:
 * the name of its file says so.
 */
export function toJavaScript(code: string, strip: Stripper | undefined, isTypeScript = false): Stripped {
  if (!isTypeScript && !GENERIC_CALL.test(code) && isJavaScript(code)) return { kind: "javascript", code };
  if (strip === undefined) return { kind: "javascript", code, hint: HINT };
  try {
    return { kind: "javascript", code: strip(code) };
  } catch (error) {
    const isCutOff = /end of (?:file|input)|eof/i.test(String(error));
    return isCutOff ? { kind: "incomplete" } : { kind: "javascript", code };
  }
}

/** As the body of a function, in which `await` may stand. */
function isJavaScript(code: string): boolean {
  try {
    return Boolean(new Script(`async () => {${code}\n}`));
  } catch {
    return false;
  }
}

/** Undefined where nothing reads TypeScript. */
export async function loadStripper(): Promise<Stripper | undefined> {
  const node = (await import("node:module")) as {
    readonly stripTypeScriptTypes?: (code: string, options: { readonly mode: "transform" }) => string;
  };
  const { stripTypeScriptTypes: byNode } = node;
  if (byNode !== undefined) return (code) => byNode(code, { mode: "transform" });
  const esbuild = await import("esbuild").catch(() => undefined);
  // names stay global: the session's next statement uses them
  return (
    esbuild
    && ((code) =>
      esbuild.transformSync(code, {
        loader: "ts",
        target: "es2022",
        logLevel: "silent",
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      }).code)
  );
}
