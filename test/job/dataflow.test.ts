/**
 * Data flows: a graph becomes a script that Python parses, and the script the same graph; what is no expression of
 * Python never gets into a script.
 */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { type Dataflow, firstParameter } from "../../src/job/authoring/dataflow/dataflow.js";
import { dataflowScript } from "../../src/job/authoring/dataflow/dataflow-script.js";
import { planDataflow } from "../../src/job/authoring/dataflow/plan-dataflow.js";
import { readDataflow } from "../../src/job/authoring/dataflow/read-dataflow.js";
import { portScript } from "../../src/job/authoring/port/port-script.js";

/**
 * What Python's own parser makes of each script: its number of statements and of keywords in calls that nothing is in,
 * or its error. Absent where there is no Python.
 */
function pythonReads(
  scripts: readonly string[],
): readonly (string | readonly [statements: number, keywords: number])[] | undefined {
  const check = `
import ast, json, sys, warnings
warnings.simplefilter("ignore")
def read(s):
  try: body = ast.parse(s).body
  except (SyntaxError, ValueError) as e: return str(e)
  return [len(body), sum(len(b.value.keywords) for b in body if isinstance(b, ast.Assign) and isinstance(b.value, ast.Call))]
print(json.dumps([read(s) for s in json.load(sys.stdin)]))`;
  const { status, stdout } = spawnSync("python3", ["-c", check], { input: JSON.stringify(scripts), encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as (string | [number, number])[]) : undefined;
}

const atom = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }).map((text) => JSON.stringify(text)),
  fc
    .string()
    .map((text) => `'${text.replaceAll(/['\\\n\r]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}'`),
  fc.integer({ min: 0 }).map(String),
  fc.constantFrom(
    "True",
    "None",
    "-1.5",
    "1 + 2 * 3",
    'lambda row: row["a"] > 1',
    "lambda a, b: (a, b)",
    "args[\"x\"] + 'y'",
    "not True and False",
    "dict(a = 1)",
    '"""two\nlines"""',
    "r'\\d' \"#, not a comment\"",
  ),
);
const value: fc.Arbitrary<string> = fc.oneof(
  atom,
  fc.array(atom, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
  fc
    .array(fc.tuple(atom, atom), { maxLength: 3 })
    .map((entries) => `{${entries.map(([k, v]) => `${k}: ${v}`).join(", ")}}`),
);
const argument = (name: string): fc.Arbitrary<{ name: string; value: string; param: boolean }> =>
  fc.oneof(
    value.map((text) => ({ name, value: text, param: false })),
    fc.constantFrom("bucket", "day_1").map((text) => ({ name, value: text, param: true })),
  );

const source = fc.oneof(
  fc.tuple(argument("database"), argument("table_name")),
  fc.tuple(argument("connection_type"), argument("connection_options"), argument("format")),
);
const transforms = [
  "ApplyMapping",
  "SelectFields",
  "Filter",
  "Map",
  "ResolveChoice",
  "Relationalize",
  "DropNullFields",
];

/** Sources, transforms of what came before them, joins of two, a sink. */
const graph: fc.Arbitrary<Dataflow> = fc
  .tuple(
    fc.array(source, { minLength: 1, maxLength: 3 }),
    fc.array(
      fc.tuple(fc.constantFrom(...transforms, "Join"), fc.nat(), fc.nat(), argument("first"), argument("second")),
      { maxLength: 6 },
    ),
    source,
    fc.nat(),
  )
  .map(([sources, steps, sink, last]) => {
    const nodes: Dataflow["nodes"][number][] = sources.map((args, i) => ({
      id: `source_${i}`,
      type: "DataSource",
      args,
    }));
    const edges: Dataflow["edges"][number][] = [];
    const pick = (n: number): string => nodes[n % nodes.length]?.id ?? "";
    for (const [i, [type, left, right, one, two]] of steps.entries()) {
      const id = `step_${i}`;
      if (type === "Join")
        edges.push(
          { source: pick(left), target: id, parameter: "frame1" },
          { source: pick(right), target: id, parameter: "frame2" },
        );
      else edges.push({ source: pick(left), target: id, parameter: "frame" });
      nodes.push({ id, type, args: [one, two] });
    }
    edges.push({ source: pick(last), target: "sink", parameter: "frame" });
    nodes.push({ id: "sink", type: "DataSink", args: sink });
    return { nodes, edges };
  });

const sorted = <T>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const withoutLines = ({ nodes, edges }: Dataflow): object => ({
  nodes: sorted(nodes.map(({ line: _, ...node }) => node)),
  edges: sorted(edges),
});

test("a graph becomes a script, and the script the same graph", () => {
  fc.assert(
    fc.property(graph, fc.nat(), (flow, turn) => {
      const turned = {
        nodes: [...flow.nodes.slice(turn % flow.nodes.length), ...flow.nodes.slice(0, turn % flow.nodes.length)],
        edges: [...flow.edges].reverse(),
      };
      expect(withoutLines(readDataflow(dataflowScript(turned)))).toEqual(withoutLines(flow));
    }),
    { numRuns: 500 },
  );
});

test("Python reads every script that is written", () => {
  const flows = fc.sample(graph, { numRuns: 300 });
  const read = pythonReads(flows.map(dataflowScript));
  if (read === undefined) {
    console.warn("skipped: no python3");
    return;
  }
  // imports, arguments, contexts, job.init and job.commit are 13 statements of every script
  expect(read).toEqual(
    flows.map(({ nodes, edges }) => [
      13 + nodes.length,
      edges.length + nodes.reduce((sum, { args }) => sum + args.length, 0),
    ]),
  );
});

test("no value breaks out of its place, whatever it holds", () => {
  const piece = fc.constantFrom(
    '"',
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "=",
    "==",
    ":",
    "\n",
    "#",
    "\\",
    ";",
    "import os",
    "lambda",
    " ",
    "a",
    "1",
    "*",
    "f'{x}'",
    '"""',
    "@",
    ":=",
    "None",
  );
  const scripts: { script: string; value: string }[] = [];
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join("")),
      (text) => {
        const flow: Dataflow = {
          nodes: [
            {
              id: "a",
              type: "DataSource",
              args: [
                { name: "database", value: text, param: false },
                { name: "table_name", value: "'t'", param: false },
              ],
            },
          ],
          edges: [],
        };
        try {
          scripts.push({ script: dataflowScript(flow), value: text });
        } catch (error) {
          expect(error).toMatchObject({ code: "BAD_DATAFLOW" });
        }
      },
    ),
    { numRuns: 5000 },
  );
  // those that got in are one argument of the one call: what follows them is still there
  for (const { script, value: text } of scripts) {
    const { nodes } = readDataflow(script);
    expect({ text, args: nodes[0]?.args.map(({ name }) => name) }).toEqual({ text, args: ["database", "table_name"] });
  }
  expect(scripts.length).toBeGreaterThan(100);
  const read = pythonReads(scripts.map(({ script }) => script));
  expect([
    ...new Set((read ?? []).filter((each) => typeof each !== "string").map((each) => JSON.stringify(each))),
  ]).toEqual(read === undefined ? [] : ["[14,2]"]);
});

test.each([
  [[{ id: "a", type: "DataSource", args: [] }], [], /names nothing to read/],
  [[{ id: "for", type: "DataSource", args: [] }], [], /cannot be the name/],
  [[{ id: "job", type: "DataSource", args: [] }], [], /cannot be the name/],
  [[{ id: "a", type: "Nope", args: [] }], [], /Nope is no type/],
  [[{ id: "a", type: "Filter", args: [] }], [], /a gets no frame/],
  [
    [
      { id: "a", type: "Filter", args: [] },
      { id: "b", type: "Filter", args: [] },
    ],
    [
      ["a", "b"],
      ["b", "a"],
    ],
    /circle/,
  ],
  [[{ id: "a", type: "Filter", args: [] }], [["x", "a"]], /x, which is no node/],
  [
    [{ id: "a", type: "Join", args: [] }],
    [
      ["a", "a"],
      ["a", "a"],
    ],
    /frame1 twice/,
  ],
  [
    [
      {
        id: "a",
        type: "DataSource",
        args: [
          { name: "database", value: "d", param: false },
          { name: "table_name", value: "1; import os", param: false },
        ],
      },
    ],
    [],
    /table_name/,
  ],
] as const)("refused: %j", (nodes, edges, message) => {
  const flow = {
    nodes,
    edges: edges.map(([from, target]) => ({ source: from, target, parameter: firstParameter(nodes[0].type) })),
  };
  expect(() => dataflowScript(flow)).toThrow(message);
  expect(() => dataflowScript(flow)).toThrow(
    expect.objectContaining({ code: "BAD_DATAFLOW", name: "InvalidInputException" }) as Error,
  );
});

test("scripts as people write them", () => {
  const { nodes, edges } = readDataflow(`
from awsglue.transforms import *
args = getResolvedOptions(sys.argv, ['JOB_NAME', 'bucket'])
# DataSource: raw = nothing
raw = glueContext.create_dynamic_frame.from_catalog("db", "t", transformation_ctx="raw")
raw.printSchema()
raw = raw.drop_fields(['x', "y,z"])  # again
other = glueContext.create_dynamic_frame_from_options("s3", {"paths": [args['bucket']]}, format="json")
both = Join.apply(raw, other, 'id', 'id')
glueContext.write_dynamic_frame.from_options(frame=both, connection_type="s3", connection_options={"path": "s3://b"}, format=args["bucket"])
`);
  expect(nodes).toEqual([
    {
      id: "raw",
      type: "DataSource",
      line: 5,
      args: [
        { name: "database", value: '"db"', param: false },
        { name: "table_name", value: '"t"', param: false },
        { name: "transformation_ctx", value: '"raw"', param: false },
      ],
    },
    { id: "raw_2", type: "DropFields", line: 7, args: [{ name: "paths", value: "['x', \"y,z\"]", param: false }] },
    {
      id: "other",
      type: "DataSource",
      line: 8,
      args: [
        { name: "connection_type", value: '"s3"', param: false },
        { name: "connection_options", value: "{\"paths\": [args['bucket']]}", param: false },
        { name: "format", value: '"json"', param: false },
      ],
    },
    {
      id: "both",
      type: "Join",
      line: 9,
      args: [
        { name: "keys1", value: "'id'", param: false },
        { name: "keys2", value: "'id'", param: false },
      ],
    },
    {
      id: "datasink",
      type: "DataSink",
      line: 10,
      args: [
        { name: "connection_type", value: '"s3"', param: false },
        { name: "connection_options", value: '{"path": "s3://b"}', param: false },
        { name: "format", value: "bucket", param: true },
      ],
    },
  ]);
  expect(edges).toEqual([
    { source: "raw", target: "raw_2", parameter: "frame" },
    { source: "raw_2", target: "both", parameter: "frame1" },
    { source: "other", target: "both", parameter: "frame2" },
    { source: "both", target: "datasink", parameter: "frame" },
  ]);
});

test.each([
  "df = raw.toDF()",
  "x = Filter.apply(frame = raw.unnest(), f = g)",
  "x = raw.drop_fields(['a']).rename_field('b', 'c')",
  "glueContext.write_dynamic_frame.from_options(frame = raw.unnest(), connection_type = 's3')",
])("a frame that goes where no node is, is told by its line: %s", (line) => {
  expect(() =>
    readDataflow(`raw = glueContext.create_dynamic_frame.from_catalog(database = "d", table_name = "t")\n${line}`),
  ).toThrow(/[Ll]ine 2/);
});

test("a long script is read in a moment", () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) =>
      `x = ${i === 0 ? "glueContext.create_dynamic_frame.from_catalog(database = 'd', table_name = 't')" : "x.drop_fields(['a'])"}`,
  );
  expect(readDataflow(lines.join("\n")).nodes).toHaveLength(20_000);
  expect(readDataflow(`a${" ".repeat(200_000)}b`).nodes).toEqual([]);
});

test("every plan comes over to TypeScript whole", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1 });
  const mapping = fc.record({
    source: name,
    sourceType: fc.constantFrom("string", "long"),
    target: name,
    targetType: fc.constantFrom("string", "double"),
  });
  const place = fc.oneof(
    fc.record({ kind: fc.constant("s3" as const), path: name, format: fc.constant("json") }),
    fc.record({ kind: fc.constant("jdbc" as const), connection: name, table: name }),
    fc.record({ kind: fc.constant("dynamodb" as const), table: name }),
  );
  const plan = fc.record({
    source: fc.record({ database: name, table: name }),
    mappings: fc.array(mapping, { minLength: 1, maxLength: 5 }),
    sinks: fc.array(fc.record({ database: name, table: name }), { maxLength: 2 }),
    location: place,
  });
  fc.assert(
    fc.property(plan, (wish) => {
      const ported = portScript(dataflowScript(planDataflow(wish)));
      expect(ported.left).toEqual([]);
      expect(ported.translated).toBe(ported.calls);
    }),
    { numRuns: 200 },
  );
});
