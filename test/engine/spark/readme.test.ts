/** The README's example, unchanged, on both engines: the same report and the same rows. */
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type OpenOptions } from "../../../src/index.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

const AsyncFunction = (async () => undefined).constructor as new (
  ...code: string[]
) => (...args: unknown[]) => Promise<void>;

async function exampleOf(readme: string): Promise<string> {
  const [, code] = /### Six lines of script\n\n```js\n(.*?)```/s.exec(await readFile(readme, "utf8")) ?? [];
  if (code === undefined) throw new Error("the README has no such example");
  return code;
}

/** What it prints, and the rows of its tables. */
async function run(
  code: string,
  engine: string,
  root: string,
): Promise<{ readonly printed: readonly unknown[]; readonly tables: Readonly<Record<string, readonly string[]>> }> {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-readme-"));
  const before = process.cwd();
  const printed: unknown[] = [];
  try {
    await symlink(join(root, "fixtures"), join(folder, "fixtures"));
    process.chdir(folder);
    await new AsyncFunction("GlueContext", "console", code)(
      { open: (options: OpenOptions) => GlueContext.open({ ...options, engine }) },
      {
        log: (line: unknown) => {
          printed.push(line);
        },
      },
    );
    await using reader = await GlueContext.open({ catalog: join(folder, "reader"), threads: 1 });
    const rows = async (name: string): Promise<readonly string[]> =>
      (
        await reader.createDynamicFrame
          .fromOptions({
            connectionType: "file",
            connectionOptions: { path: join(folder, "out", name) },
            format: "parquet",
          })
          .records()
      )
        .map((row) => JSON.stringify(row))
        .sort();
    const names = Object.keys((printed[0] as { readonly tables: object }).tables);
    return {
      printed,
      tables: Object.fromEntries(await Promise.all(names.map(async (name) => [name, await rows(name)]))),
    };
  } finally {
    process.chdir(before);
    await rm(folder, { recursive: true, force: true });
  }
}

describeSpark("the README's example", () => {
  test("gives the same on both engines", async () => {
    const root = process.cwd();
    const code = await exampleOf(join(root, "README.md"));
    const embedded = await run(code, "duckdb", root);
    const spark = await run(code, sparkAddress, root);
    const told = { read: 8, written: 7, errors: 1, nulled: { price: 1 }, balanced: true };
    expect(
      (embedded.printed[0] as { readonly tables: Readonly<Record<string, unknown>> }).tables["orders"],
    ).toMatchObject(told);
    expect((spark.printed[0] as { readonly tables: Readonly<Record<string, unknown>> }).tables["orders"]).toMatchObject(
      told,
    );
    expect(spark.tables).toEqual(embedded.tables);
    expect(embedded.tables["orders"]?.length).toBe(7);
  }, 300_000);
});
