/** `createDynamicFrame.fromRows`: plain objects as records, each with its own types. */
import type { RunOptions } from "../../engine/index.js";
import { values } from "../../plan/ir/build.js";
import type { Relation } from "../../plan/ir/relation.js";
import { struct, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { Hazard, HazardStats, Ledger } from "../../shapes/ledger.js";
import { inferType } from "../../types/infer.js";
import { toTyped } from "../../types/typed.js";
import { mergeDataTypes } from "../../types/merge.js";
import type { Row } from "../../types/value.js";
import type { RowLoader } from "../loaded-rows.js";
import { isLoneSurrogate, mendTexts } from "../../types/well-formed.js";
import { checkTransformOptions } from "../check-transform-options.js";
import { schemaFrom, type SchemaSource } from "../schema-source.js";
import { trailing } from "../trailing.js";
import type { TransformOptions } from "../verbs/verb.js";
import type { FrameNode, FrameSession, Resolved } from "../frame-node.js";

/** Records: an array, or anything that yields them, such as a paginated API. It is read once. */
export type RecordSource = Iterable<object> | AsyncIterable<object>;
/** How records of the caller's are typed. */
export type RowsOptions = TransformOptions & {
  /**
   * The exact type; without it each value's own type counts: whole numbers int or long by size, others double, bigint
   * long.
   */
  readonly schema?: SchemaSource;
  /** Name of the frame. */
  readonly name?: string;
  /** Accepted from Glue's `from_rdd`, no effect: every record is looked at. */
  readonly sampleRatio?: number;
};

/** Rows kept as constants in the plan; more are loaded into the engine. */
const INLINE = 1000;

export function rowsNode(records: RecordSource, options: RowsOptions): FrameNode {
  checkTransformOptions("fromRows", options, ["schema", "name", "sampleRatio"]);
  const schema = options.schema === undefined ? undefined : schemaFrom(options.schema);
  const given: unknown = records;
  if (typeof given !== "object" || given === null || !(Symbol.iterator in given || Symbol.asyncIterator in given)) {
    throw new DynaframeError("BAD_ARGUMENT", "fromRows takes records: an array, or anything that yields objects.", {
      name: "TypeError",
      path: "rows",
      expected: "Iterable<object> or AsyncIterable<object>",
      found: given === null ? "null" : typeof given,
      hint: "Write for instance fromRows([{ id: 1 }]).",
    });
  }
  return {
    kind: "fromRows",
    args: schema ? { schema } : {},
    inputs: [],
    options: trailing(options),
    resolve: async (_, session, run) => {
      const name = options.name ?? "rows";
      const mending = mender(name);
      const { relation, count } = await load(records, schema, session, run, mending.use);
      return sourceOf(relation, count, session.nextId(), name, mending.hazards());
    },
  };
}

/** A source whose records all are rows of the relation. */
export function sourceOf(
  relation: Relation,
  records: number,
  id: string,
  name: string,
  hazards?: Ledger["hazards"],
): Resolved {
  return {
    relation,
    errors: [],
    dropped: [],
    recordwise: true,
    sources: [{ id, name, files: 0, records, malformed: 0, bytesScanned: 0, notes: [], ...(hazards && { hazards }) }],
  };
}

/**
 * Texts that are no Unicode are read as a scanner of files reads them, and counted: the record is used once more,
 * mended.
 */
function mender(file: string): { readonly use: Mend; readonly hazards: () => Ledger["hazards"] } {
  const found = new Map<Hazard, HazardStats>();
  const count = (hazard: Hazard, record: number, path: string, more: number): void => {
    const held = found.get(hazard) ?? { count: 0, first: Object.freeze({ file, record, offset: 0 }), path };
    found.set(hazard, Object.freeze({ ...held, count: held.count + more }));
  };
  return {
    use: (record, index, body) => {
      try {
        return body(record);
      } catch (error) {
        if (!isLoneSurrogate(error)) throw error;
        const { value, replaced, doubled } = mendTexts(record);
        const result = body(value as object);
        for (const { path, count: halves } of replaced) count("LONE_SURROGATE", index, path, halves);
        for (const path of doubled) count("DUPLICATE_KEY", index, path, 1);
        return result;
      }
    },
    hazards: () => Object.freeze(Object.fromEntries(found)),
  };
}

type Mend = <T>(record: object, index: number, body: (record: object) => T) => T;

async function load(
  records: RecordSource,
  schema: StructType | undefined,
  session: FrameSession,
  run: RunOptions,
  mend: Mend,
): Promise<{ relation: Relation; count: number }> {
  const few: object[] = [];
  let count = 0;
  let loader: RowLoader<unknown> | undefined;
  const add = (to: RowLoader<unknown>, record: object, index: number): void => {
    mend(record, index, (whole) => {
      to.add(whole, undefined, -1);
    });
  };
  try {
    for await (const record of records) {
      run.signal?.throwIfAborted();
      const checked = requireObject(record, count++);
      if (count <= INLINE) {
        few.push(checked);
        continue;
      }
      if (loader === undefined) {
        loader = await loaderOf(schema, session, run);
        for (const [index, early] of few.entries()) add(loader, early, index);
      }
      add(loader, checked, count - 1);
      if (loader.full()) await loader.flush();
    }
    if (loader !== undefined) return { relation: await loader.finish(), count };
  } catch (error) {
    await loader?.abandon();
    throw error;
  }
  const typed = few.map((r, i) => mend(r, i, (record) => ({ record, type: schema ?? inferType(record) })));
  const type = schema ?? mergedType(typed.map((one) => one.type));
  return {
    relation: values(
      typed.map(({ record }, i) => mend(record, i, (whole) => toTyped(whole, type) as Row)),
      type,
    ),
    count,
  };
}

async function loaderOf(
  schema: StructType | undefined,
  session: FrameSession,
  run: RunOptions,
): Promise<RowLoader<unknown>> {
  const [engine, { looseRows, rowsOfType }] = await Promise.all([session.engine(), import("../loaded-rows.js")]);
  return schema === undefined ? looseRows(engine, struct(), run) : rowsOfType(engine, schema, run);
}

const mergedType = (types: readonly DataType[]): StructType =>
  types.reduce((a, b) => mergeDataTypes(a, b), struct() as DataType) as StructType;

function requireObject(record: unknown, index: number): object {
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return record;
  throw new DynaframeError(
    "NOT_A_RECORD",
    `fromRows: record ${index} is ${Array.isArray(record) ? "an array" : String(record)}, not an object.`,
    { expected: "an object", hint: "Wrap scalar values: { value: … }." },
  );
}
