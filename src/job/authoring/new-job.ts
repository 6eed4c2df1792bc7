/**
 * Writes a job for someone to go on with: a readable script, a fixture, and a test that runs the one on the other.
 * Pure: texts in, texts out.
 */
import type { StructType } from "../../types/data-type.js";
import { typeText } from "../../types/type-text.js";

export type Mapping = readonly [source: string, sourceType: string, target: string, targetType: string];

export type NewJob = {
  readonly name: string;
  /** A folder, or a table of the catalog. */
  readonly source:
    | { readonly kind: "path"; readonly path: string; readonly format: string }
    | { readonly kind: "table"; readonly database: string; readonly table: string };
  /** A folder; with `table` its files become a table of the catalog. */
  readonly target: {
    readonly path: string;
    readonly format: string;
    readonly table?: { readonly database: string; readonly table: string };
  };
  readonly mappings: readonly Mapping[];
  readonly partitionKeys: readonly string[];
  readonly bookmark: boolean;
};

/** Files by name, relative to the folder that they go into. */
export function newJob(job: NewJob): ReadonlyMap<string, string> {
  return new Map([
    [`${job.name}.ts`, script(job)],
    [`${job.name}.test.mjs`, test(job)],
    [`${job.name}.fixture.json`, fixture(job)],
  ]);
}

/** Top-level fields as they are; a choice takes the type that loses nothing, text. */
export const mappingsOf = (type: StructType): readonly Mapping[] =>
  type.fields.map((field): Mapping => {
    const text = typeText(field.type);
    return [
      quotedName(field.name),
      text,
      quotedName(field.name),
      field.type.kind === "choice" || field.type.kind === "null" ? "string" : text,
    ];
  });

const quotedName = (name: string): string => (/^[\w-]+$/.test(name) ? name : `\`${name}\``);
const q = (text: string): string => JSON.stringify(text);

function script({ name, source, target, mappings, partitionKeys, bookmark }: NewJob): string {
  const from =
    source.kind === "table"
      ? `glue.createDynamicFrame.fromCatalog({ database: args["source_database"]!, tableName: args["source_table"]!, transformationCtx: "source" })`
      : `glue.createDynamicFrame.fromOptions({\n  connectionType: "file", connectionOptions: { path: args["source"]! }, format: ${q(source.format)}, transformationCtx: "source",\n})`;
  const sourceArguments = source.kind === "table" ? ["source_database", "source_table"] : ["source"];
  const start = [
    ...(source.kind === "table"
      ? [`source_database=${source.database}`, `source_table=${source.table}`]
      : [`source=${source.path}`]),
    `target=${target.path}`,
  ]
    .map((argument) => ` --arg ${argument}`)
    .join("");
  const options = [
    `path: args["target"]!`,
    ...(partitionKeys.length === 0 ? [] : [`partitionKeys: ${JSON.stringify(partitionKeys)}`]),
    ...(target.table === undefined
      ? []
      : [
          `enableUpdateCatalog: true, catalogDatabase: ${q(target.table.database)}, catalogTableName: ${q(target.table.table)}`,
        ]),
  ];
  return `/**
 * ${name}: from ${source.kind === "table" ? `the table ${source.database}.${source.table}` : source.path} to ${target.path}.
 *
 *   dynaframe job create ${name} --script ${name}.ts${start}${bookmark ? " --bookmark enable" : ""}
 *   dynaframe job start ${name}
 */
import { GlueContext, Job, getResolvedOptions } from "dynaframe";

const args = getResolvedOptions(process.argv, ${JSON.stringify(["JOB_NAME", ...sourceArguments, "target"])});
const glue = await GlueContext.open();
const job = await Job.init(glue, args["JOB_NAME"]!, args);

const source = ${from};

// source, its type, target, its type
const mapped = source.applyMapping([
${mappings.map((mapping) => `  [${mapping.map(q).join(", ")}],`).join("\n")}
]);

const report = await glue.writeDynamicFrame.fromOptions({
  frame: mapped, connectionType: "file", connectionOptions: { ${options.join(", ")} }, format: ${q(target.format)},
});
console.log(\`read \${report.read}, wrote \${report.written}, errors \${report.errors}\`);

await job.commit(); // what was written, the bookmark and the catalog change together
await glue.close();
`;
}

/** Node's own test runner: nothing to install. */
function test({ name, source }: NewJob): string {
  const folder = source.kind === "table" ? source.table : "in";
  const args =
    source.kind === "table"
      ? [q("--arg"), q(`source_database=${source.database}`), q("--arg"), q(`source_table=${source.table}`)]
      : [q("--arg"), '`source=${join(folder, "in")}`'];
  return `// node --test ${name}.test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const dynaframe = fileURLToPath(new URL("./cli/main.js", import.meta.resolve("dynaframe")));
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

test("${name} writes every record of its fixture", () => {
  const folder = mkdtempSync(join(tmpdir(), "${name}-"));
  const run = (...args) => execFileSync(process.execPath, [dynaframe, "--catalog", join(folder, "catalog"), ...args], { encoding: "utf8" });
  try {
    mkdirSync(join(folder, ${q(folder)}));
    copyFileSync(here("./${name}.fixture.json"), join(folder, ${q(folder)}, "records.json"));
${source.kind === "table" ? `    run("crawl", join(folder, ${q(folder)}), "--database", ${q(source.database)});\n` : ""}    run("job", "create", ${q(name)}, "--script", here("./${name}.ts"), ${args.join(", ")}, "--arg", \`target=\${join(folder, "out")}\`);
    const { JobRunState, Metrics } = JSON.parse(run("job", "start", ${q(name)}, "--json"));
    const records = readFileSync(here("./${name}.fixture.json"), "utf8").trim().split("\\n").length;
    assert.equal(JobRunState, "SUCCEEDED");
    assert.deepEqual([Metrics.read, Metrics.written, Metrics.quarantined], [records, records, 0]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
`;
}

/** Two records with a value for each mapped field. */
function fixture({ mappings }: NewJob): string {
  return [1, 2]
    .map((n) => {
      const record: Record<string, unknown> = {};
      for (const [path, type] of mappings)
        put(
          record,
          path.split(".").map((name) => name.replace(/^`(.*)`$/, "$1")),
          sample(type, n),
        );
      return `${JSON.stringify(record)}\n`;
    })
    .join("");
}

function put(record: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) record[name] = value;
  else put((record[name] ??= {}) as Record<string, unknown>, rest, value);
}

function sample(type: string, n: number): unknown {
  if (/^(byte|tinyint|short|smallint|int|integer|long|bigint)$/.test(type)) return n;
  if (/^(float|double|decimal)/.test(type)) return n + 0.5;
  if (type === "boolean") return n % 2 === 0;
  if (/^(array|set|list)/.test(type)) return [];
  if (/^(struct|map)/.test(type)) return {};
  return type === "date" ? `2024-03-0${n}` : type.startsWith("timestamp") ? `2024-03-0${n}T12:00:00Z` : `text ${n}`;
}
