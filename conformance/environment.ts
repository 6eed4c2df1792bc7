/** What a case runs in: a fresh context on a fresh catalog in a fresh folder, gone afterwards. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GlueContext, type DynamicFrame } from "./api.js";
import {
  asList,
  asObject,
  asRecords,
  asTexts,
  isList,
  isObject,
  member,
  type ConformanceCase,
  type Json,
} from "./case.js";

/** `spark` is the server at DYNAFRAME_SPARK (an sc:// address), or else one of this machine. */
export type EngineName = "duckdb" | "reference" | "spark";
/** A part of an operation that is not built yet: the case is reported as unsupported. */
export class NotBuilt extends Error {}

export class CaseEnvironment {
  private constructor(
    readonly directory: string,
    readonly glue: GlueContext,
    private readonly longs: boolean,
  ) {}

  static async open(testCase: ConformanceCase, engine: EngineName): Promise<CaseEnvironment> {
    const directory = await mkdtemp(join(tmpdir(), "dynaframe-conformance-"));
    try {
      const glue = await GlueContext.open({
        catalog: join(directory, "catalog"),
        engine: engineAddress(engine),
        strictPaths: false,
        onWarning: () => undefined,
      });
      return new CaseEnvironment(directory, glue, testCase.load?.integerWidth === "long");
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.glue.close();
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  /** Records of a case as a frame; with `integerWidth` long, whole numbers of any size are long. */
  load(records: Json | undefined): DynamicFrame {
    const rows = asRecords(records).map((record) => (this.longs ? (longIntegers(record) as object) : record));
    return this.glue.createDynamicFrame.fromRows(rows);
  }

  /** Writes a file below the folder of the case; its full path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  }

  /** Registers a table of FORMAT §2 whose data, if any, lies in `location`. */
  async register(database: string, name: string, table: Json | undefined, location?: string): Promise<void> {
    const columns = asList(member(asObject(table), "columns"))
      .map(asTexts)
      .map(([Name = "", Type = ""]) => ({ Name, Type }));
    const parameters = asObject(member(asObject(table), "parameters") ?? {}) as { readonly [key: string]: string };
    await this.glue.catalog.createDatabase({ Name: database });
    await this.glue.catalog.createTable(database, {
      Name: name,
      TableType: "EXTERNAL_TABLE",
      Parameters: parameters,
      StorageDescriptor: { Columns: columns, ...(location === undefined ? {} : { Location: location }) },
    });
  }
}

const engineAddress = (engine: EngineName): string =>
  engine === "spark" ? (process.env["DYNAFRAME_SPARK"] ?? "spark-local") : engine;

function longIntegers(value: Json): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (isList(value)) return value.map(longIntegers);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, longIntegers(item)]))
    : value;
}

/** The function of `{"js": …}`, evaluated as FORMAT §2 says. */
export function functionOf(value: Json | undefined): (record: { [field: string]: unknown }) => unknown {
  return new Function(`return (${String(member(asObject(value), "js"))})`)() as (record: {
    [field: string]: unknown;
  }) => unknown;
}
