/** Fixture folders: `fixtures/<case>/case.json` beside the data files it is about. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import type { FormatName } from "../formats/index.js";
import { formatNames } from "../formats/registry.js";
import { DynaframeError } from "../types/error.js";

/** One verb of a fixture, with its arguments by name. */
export type FixtureStep = { readonly op: string; readonly args?: { readonly [name: string]: unknown } };

/** The content of `case.json`. Only the expectations present are checked. */
export type Fixture = {
  /** What the fixture proves, in one line. */
  readonly about: string;
  readonly format: FormatName;
  readonly formatOptions?: { readonly [option: string]: unknown };
  /**
   * Verbs in order, arguments as in the API:
   * `{ "op": "resolveChoice", "args": { "specs": [["price", "cast:double"]] } }`.
   */
  readonly steps?: readonly FixtureStep[];
  /** Lines of the printed schema, without `root`. */
  readonly expectSchema?: readonly string[];
  /**
   * Records in any order; null and missing are equal; times, and numbers that JavaScript cannot hold exactly, are their
   * texts.
   */
  readonly expectRecords?: readonly { readonly [field: string]: unknown }[];
  readonly expectCount?: number;
  /** Error records of the whole lineage. */
  readonly expectErrors?: number;
  /** Type names by path. */
  readonly expectChoices?: { readonly [path: string]: readonly string[] };
  /** Code of the error that reading or a step must give; then nothing else is expected. */
  readonly expectError?: string;
};

const texts = { type: "array", items: { type: "string" } };
const SCHEMA = {
  type: "object",
  required: ["about", "format"],
  additionalProperties: false,
  properties: {
    about: { type: "string", minLength: 1 },
    format: { enum: formatNames() },
    formatOptions: { type: "object" },
    steps: {
      type: "array",
      items: {
        type: "object",
        required: ["op"],
        additionalProperties: false,
        properties: { op: { type: "string" }, args: { type: "object" } },
      },
    },
    expectSchema: texts,
    expectRecords: { type: "array", items: { type: "object" } },
    expectCount: { type: "integer", minimum: 0 },
    expectErrors: { type: "integer", minimum: 0 },
    expectChoices: { type: "object", additionalProperties: texts },
    expectError: { type: "string" },
  },
};

/** A fixture with its name and the paths of its files. */
export type LoadedFixture = Fixture & { readonly name: string; readonly files: readonly string[] };

/** Names of the fixtures: folders with a `case.json`, sorted. */
export async function listFixtures(directory: string): Promise<readonly string[]> {
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const held = await Promise.all(
    folders.map(async ({ name }) => ((await readdir(join(directory, name))).includes("case.json") ? [name] : [])),
  );
  return held.flat().sort();
}

/**
 * One fixture with the paths of its data files: all files of the folder but `case.json`. BAD_FIXTURE when it is not
 * valid.
 */
export async function loadFixture(directory: string, name: string): Promise<LoadedFixture> {
  const file = join(directory, name, "case.json");
  const content = parse(await readFile(file, "utf8"), file);
  const validate = new Ajv().compile<Fixture>(SCHEMA);
  if (!validate(content)) {
    const [first] = validate.errors ?? [];
    throw new DynaframeError("BAD_FIXTURE", `${first?.instancePath ?? ""} ${first?.message ?? ""}`.trim(), {
      file,
      hint: "See the type Fixture of dynaframe/testing.",
    });
  }
  const entries = await readdir(join(directory, name), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== file)
    .sort();
  return { ...content, name, files };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DynaframeError("BAD_FIXTURE", "case.json is not JSON", { file, cause });
  }
}
