/** Functions that can be run on other machines: known by the module that defines them, and by a name in it. */
import { DynaframeError } from "../../types/error.js";

/** Limits of a function that runs on a cluster. */
export type UdfOptions = {
  /**
   * Milliseconds that the function may take for one batch of at most some hundred records before the action fails with
   * FUNCTION_TIMED_OUT; default 60,000.
   */
  readonly batchTimeout?: number;
};

/** What is known of such a function. */
export type Udf = { readonly module: string; readonly name: string; readonly batchTimeout: number };

const MARK = Symbol.for("dynaframe.udf");
const BATCH_TIMEOUT = 60_000;

/**
 * A function that a cluster may run where its records are: the function itself, marked. On Spark `map`, `filter` and
 * `mapPartitions` then send the module, with all that it imports bundled by esbuild, to the executors, which load it
 * there: keep it free of side effects. On other engines nothing changes, and functions that are not marked run in this
 * process on Spark too. Of `dynaframe` itself such a module may import `defineUdf`, `typeTag`, the classes of values
 * and `DynaframeError`.
 *
 * `export const clean = defineUdf(import.meta.url, "clean", (order) => ({ ...order, total: order.price * order.quantity
 * }));`
 * @param module the module's own `import.meta.url`, a file
 * @param name unique in the module and what it imports
 * @throws BAD_ARGUMENT
 */
export function defineUdf<F extends (...args: never[]) => unknown>(
  module: string,
  name: string,
  f: F,
  { batchTimeout = BATCH_TIMEOUT }: UdfOptions = {},
): F {
  if (typeof f !== "function") throw bad("takes a function as its third argument", "a function", typeof f);
  if (typeof module !== "string" || !module.startsWith("file:"))
    throw bad("takes import.meta.url, the address of a file, as its first argument", "file:///…", String(module));
  if (typeof name !== "string" || name === "") throw bad("takes a name as its second argument", "a text", String(name));
  if (!Number.isFinite(batchTimeout) || batchTimeout <= 0)
    throw bad("takes milliseconds as batchTimeout", "a number above 0", String(batchTimeout));
  const udf: Udf = Object.freeze({ module, name, batchTimeout });
  return Object.defineProperty(f, MARK, { value: udf, configurable: true });
}

/** What `defineUdf` has said of a function; undefined for any other. */
export const udfOf = (f: unknown): Udf | undefined =>
  typeof f === "function" && MARK in f ? (f[MARK] as Udf) : undefined;

const bad = (what: string, expected: string, found: string): DynaframeError =>
  new DynaframeError("BAD_ARGUMENT", `defineUdf ${what}.`, { path: "defineUdf", expected, found });
