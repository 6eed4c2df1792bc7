/** Transform classes that work on records: functions, joins, samples, partitions, parsing. */
import type { FormatOptions } from "../../formats/index.js";
import type { DynamicFrameCollection } from "../collection.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Paths } from "../frame-verbs.js";
import type { FilterFunction, MapFunction } from "../lambda-pass.js";
import type { SpigotOptions } from "../spigot-node.js";
import type { Comparisons } from "../verbs/split-rows.js";
import type { TransformOptions } from "../verbs/verb.js";
import { trailing, type Trailing } from "../trailing.js";
import { COMMON, CONTEXT, defineTransform, optional, required } from "./transform.js";

type Framed = TransformOptions & { readonly frame: DynamicFrame };
type TwoFrames = { readonly frame1: DynamicFrame; readonly frame2: DynamicFrame };
const FRAME = required("frame", "DynamicFrame", "The frame that is read.");
const frame = (description: string) => ({ type: "DynamicFrame", description });
const PARTITIONS = required("numPartitions", "Integer", "Number of partitions.");

/** `Map.apply(…)`: `frame.map` with Glue's arguments. */
export const Map = defineTransform<
  [frame: DynamicFrame, f: MapFunction, preservesPartitioning?: boolean, ...rest: Trailing],
  Framed & { readonly f: MapFunction; readonly preservesPartitioning?: boolean },
  DynamicFrame
>({
  name: "Map",
  about: "Applies a function to every record.",
  args: [
    FRAME,
    required("f", "Function", "Takes a record and gives a record."),
    optional("preservesPartitioning", "Boolean", "Accepted; records stay where they are.", "false"),
    ...COMMON,
  ],
  returns: frame("The records that the function gave; where it failed there is an error record."),
  run: ({ frame: input, f, ...rest }) => input.map(f, trailing(rest)),
});

/** `Filter.apply(…)`: `frame.filter` with Glue's arguments. */
export const Filter = defineTransform<
  [frame: DynamicFrame, f: FilterFunction, ...rest: Trailing],
  Framed & { readonly f: FilterFunction },
  DynamicFrame
>({
  name: "Filter",
  about: "Keeps the records for which a function is true.",
  args: [FRAME, required("f", "Function", "Takes a record and gives true or false."), ...COMMON],
  returns: frame("The records that were kept."),
  run: ({ frame: input, f, ...rest }) => input.filter(f, trailing(rest)),
});

// Glue's class takes its context and ignores it; here it names the step, as in every other transform.
/** `Join.apply(…)`: `frame1.join` with Glue's arguments. @throws BAD_ARGUMENT */
export const Join = defineTransform<
  [frame1: DynamicFrame, frame2: DynamicFrame, keys1: Paths, keys2: Paths, transformationCtx?: string],
  TransformOptions & TwoFrames & { readonly keys1: Paths; readonly keys2: Paths },
  DynamicFrame
>({
  name: "Join",
  about: "Joins two frames on equal keys.",
  args: [
    required("frame1", "DynamicFrame", "The first frame."),
    required("frame2", "DynamicFrame", "The second frame."),
    required("keys1", "List[String]", "Keys of the first frame."),
    required("keys2", "List[String]", "Keys of the second frame, as many."),
    CONTEXT,
  ],
  returns: frame("All fields of both; those of the second whose name is taken begin with a period."),
  raises: [
    { type: "BAD_ARGUMENT", description: "The lists of keys differ in length, or a key is a struct, a list or a map." },
  ],
  run: ({ frame1, frame2, keys1, keys2, ...rest }) => frame1.join(keys1, keys2, frame2, trailing(rest)),
});

/** `Union.apply(…)`: `frame1.union` with Glue's arguments. */
export const Union = defineTransform<
  [frame1: DynamicFrame, frame2: DynamicFrame, ...rest: Trailing],
  TransformOptions & TwoFrames,
  DynamicFrame
>({
  name: "Union",
  about: "All records of two frames.",
  args: [
    required("frame1", "DynamicFrame", "The first frame."),
    required("frame2", "DynamicFrame", "The second frame."),
    ...COMMON,
  ],
  returns: frame("The records of both; fields whose types differ are choices."),
  run: ({ frame1, frame2, ...rest }) => frame1.union(frame2, trailing(rest)),
});

/** `SplitRows.apply(…)`: `frame.splitRows` with Glue's arguments. @throws BAD_ARGUMENT */
export const SplitRows = defineTransform<
  [frame: DynamicFrame, comparisonDict: Comparisons, name1?: string, name2?: string, ...rest: Trailing],
  Framed & { readonly comparisonDict: Comparisons; readonly name1?: string; readonly name2?: string },
  DynamicFrameCollection
>({
  name: "SplitRows",
  about: "Splits a frame by comparisons with constants.",
  args: [
    FRAME,
    required(
      "comparisonDict",
      "Dictionary",
      "For each path the operators and the constants, such as { age: { '>': 10, '<': 20 } }.",
    ),
    optional("name1", "String", "Name of the frame of matching records.", "frame1"),
    optional("name2", "String", "Name of the frame of all others.", "frame2"),
    ...COMMON,
  ],
  returns: {
    type: "DynamicFrameCollection",
    description: "Two frames: the records for which all comparisons hold, and all others.",
  },
  raises: [{ type: "BAD_ARGUMENT", description: "An operator or a constant cannot be used." }],
  run: ({ frame: input, comparisonDict, name1 = "frame1", name2 = "frame2", ...rest }) =>
    input.splitRows(comparisonDict, name1, name2, trailing(rest)),
});

/** `Spigot.apply(…)`: `frame.spigot` with Glue's arguments. @throws BAD_OPTION */
export const Spigot = defineTransform<
  [frame: DynamicFrame, path: string, options?: SpigotOptions, ...rest: Trailing],
  Framed & { readonly path: string; readonly options?: SpigotOptions },
  DynamicFrame
>({
  name: "Spigot",
  about: "Writes a sample of the records on the side.",
  args: [
    FRAME,
    required("path", "String", "Folder that gets the sample."),
    optional("options", "Dictionary", "topk: records at most; prob: probability of each record.", "topk 100, prob 1"),
    ...COMMON,
  ],
  returns: frame("All records, unchanged."),
  raises: [{ type: "BAD_OPTION", description: "An option does not exist or has a wrong value." }],
  run: ({ frame: input, path, options = {}, ...rest }) => input.spigot(path, options, trailing(rest)),
});

/** `Repartition.apply(…)`: `frame.repartition` with Glue's arguments. */
export const Repartition = defineTransform<
  [frame: DynamicFrame, numPartitions: number, ...rest: Trailing],
  Framed & { readonly numPartitions: number },
  DynamicFrame
>({
  name: "Repartition",
  about: "The same records in another number of partitions.",
  args: [FRAME, PARTITIONS, ...COMMON],
  returns: frame("The same records."),
  run: ({ frame: input, numPartitions, ...rest }) => input.repartition(numPartitions, trailing(rest)),
});

/** `Coalesce.apply(…)`: `frame.coalesce` with Glue's arguments. */
export const Coalesce = defineTransform<
  [frame: DynamicFrame, numPartitions: number, shuffle?: boolean, ...rest: Trailing],
  Framed & { readonly numPartitions: number; readonly shuffle?: boolean },
  DynamicFrame
>({
  name: "Coalesce",
  about: "The same records in fewer partitions.",
  args: [FRAME, PARTITIONS, optional("shuffle", "Boolean", "Whether records may change place.", "false"), ...COMMON],
  returns: frame("The same records."),
  run: ({ frame: input, numPartitions, shuffle = false, ...rest }) =>
    input.coalesce(numPartitions, shuffle, trailing(rest)),
});

/** `Unbox.apply(…)`: `frame.unbox` with Glue's arguments. @throws BAD_OPTION; the first action FIELD_NOT_FOUND */
export const Unbox = defineTransform<
  [frame: DynamicFrame, path: string, format: string, ...rest: [...Trailing, options?: FormatOptions]],
  Framed & {
    readonly path: string;
    readonly format: string;
    readonly options?: FormatOptions;
    readonly [option: string]: unknown;
  },
  DynamicFrame
>({
  name: "Unbox",
  about: "Parses the text of a field in place.",
  rest: "options",
  args: [
    FRAME,
    required("path", "String", "Full path of the field."),
    required("format", "String", "Format of the text: json, csv or avro."),
    ...COMMON,
    optional(
      "options",
      "Dictionary",
      "Reader options of the format, such as separator or withSchema; by name they may stand beside the other arguments.",
    ),
  ],
  returns: frame("The frame with the values in place of the text; what cannot be parsed is an error record."),
  raises: [
    { type: "FIELD_NOT_FOUND", description: "There is no such field." },
    { type: "BAD_OPTION", description: "An option does not exist or has a wrong value." },
  ],
  run: ({ frame: input, path, format, options = {}, ...rest }) => input.unbox(path, format, options, trailing(rest)),
});

/** `UnnestDdbJson.apply(…)`: `frame.unnestDdbJson` with Glue's arguments. */
export const UnnestDdbJson = defineTransform<[frame: DynamicFrame, ...rest: Trailing], Framed, DynamicFrame>({
  name: "UnnestDdbJson",
  about: "Takes the item and type tags out of DynamoDB JSON and unnests it.",
  args: [FRAME, ...COMMON],
  returns: frame("The attributes as columns, members of maps with dotted names."),
  run: ({ frame: input, ...rest }) => input.unnestDdbJson(trailing(rest)),
});

/** `SimplifyDdbJson.apply(…)`: `frame.simplifyDdbJson` with Glue's arguments. */
export const SimplifyDdbJson = defineTransform<[frame: DynamicFrame, ...rest: Trailing], Framed, DynamicFrame>({
  name: "SimplifyDdbJson",
  about: "Takes the item and type tags out of DynamoDB JSON at any depth.",
  args: [FRAME, ...COMMON],
  returns: frame("The attributes as columns, maps as structs."),
  run: ({ frame: input, ...rest }) => input.simplifyDdbJson(trailing(rest)),
});

/** `ErrorsAsDynamicFrame.apply(…)`: `frame.errorsAsDynamicFrame` with Glue's arguments. */
export const ErrorsAsDynamicFrame = defineTransform<
  [frame: DynamicFrame],
  { readonly frame: DynamicFrame },
  DynamicFrame
>({
  name: "ErrorsAsDynamicFrame",
  about: "The error records of a frame and all steps before it.",
  args: [FRAME],
  returns: frame("One column, error, with a row for each error record."),
  run: ({ frame: input }) => input.errorsAsDynamicFrame(),
});
