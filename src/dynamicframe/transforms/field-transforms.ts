/** Transform classes that choose, name and type fields. */
import type { DynamicFrameCollection } from "../collection.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { Paths } from "../frame-verbs.js";
import type { TransformOptions } from "../verbs/verb.js";
import { trailing, type Trailing } from "../trailing.js";
import { COMMON, defineTransform, optional, required } from "./transform.js";
import type { Mappings } from "../verbs/apply-mapping.js";

type Framed = TransformOptions & { readonly frame: DynamicFrame };
const FRAME = required("frame", "DynamicFrame", "The frame that is read.");
const PATHS = required("paths", "List[String]", "Full paths of the fields.");
const frame = (description: string) => ({ type: "DynamicFrame", description });

/** `ApplyMapping.apply(…)`: `frame.applyMapping` with Glue's arguments. @throws BAD_MAPPING */
export const ApplyMapping = defineTransform<
  [frame: DynamicFrame, mappings: Mappings, caseSensitive?: boolean, ...rest: Trailing],
  Framed & { readonly mappings: Mappings; readonly caseSensitive?: boolean },
  DynamicFrame
>({
  name: "ApplyMapping",
  about: "Projects, renames, nests and casts fields.",
  args: [
    FRAME,
    required("mappings", "List[Tuple]", "Tuples of source path, source type, target path, target type."),
    optional("caseSensitive", "Boolean", "Whether source paths keep case apart.", "false"),
    ...COMMON,
  ],
  returns: frame("A frame that holds the mapped fields only, in the order of the mappings."),
  raises: [
    { type: "BAD_MAPPING", description: "A tuple is not of 2, 3 or 4 texts, or names a type that does not exist." },
  ],
  run: ({ frame: input, mappings, caseSensitive = false, ...rest }) =>
    input.applyMapping(mappings, { ...trailing(rest), caseSensitive }),
});

/** `DropFields.apply(…)`: `frame.dropFields` with Glue's arguments. */
export const DropFields = defineTransform<
  [frame: DynamicFrame, paths: Paths, ...rest: Trailing],
  Framed & { readonly paths: Paths },
  DynamicFrame
>({
  name: "DropFields",
  about: "Drops fields, nested ones and those inside lists too.",
  args: [FRAME, PATHS, ...COMMON],
  returns: frame("The frame without those fields."),
  run: ({ frame: input, paths, ...rest }) => input.dropFields(paths, trailing(rest)),
});

/** `DropNullFields.apply(…)`: `frame.dropNullFields` with Glue's arguments. */
export const DropNullFields = defineTransform<[frame: DynamicFrame, ...rest: Trailing], Framed, DynamicFrame>({
  name: "DropNullFields",
  about: "Drops fields that are null in every record, by their type.",
  args: [FRAME, ...COMMON],
  returns: frame("The frame without fields of type null."),
  run: ({ frame: input, ...rest }) => input.dropNullFields(trailing(rest)),
});

/** `RenameField.apply(…)`: `frame.renameField` with Glue's arguments. */
export const RenameField = defineTransform<
  [frame: DynamicFrame, oldName: string, newName: string, ...rest: Trailing],
  Framed & { readonly oldName: string; readonly newName: string },
  DynamicFrame
>({
  name: "RenameField",
  about: "Renames one field.",
  args: [
    FRAME,
    required("oldName", "String", "Full path of the field."),
    required("newName", "String", "Its new full path."),
    ...COMMON,
  ],
  returns: frame("The frame with the field renamed."),
  run: ({ frame: input, oldName, newName, ...rest }) => input.renameField(oldName, newName, trailing(rest)),
});

/** `SelectFields.apply(…)`: `frame.selectFields` with Glue's arguments. */
export const SelectFields = defineTransform<
  [frame: DynamicFrame, paths: Paths, ...rest: Trailing],
  Framed & { readonly paths: Paths },
  DynamicFrame
>({
  name: "SelectFields",
  about: "Keeps fields and leaves the others out.",
  args: [FRAME, PATHS, ...COMMON],
  returns: frame("The frame with those fields only."),
  run: ({ frame: input, paths, ...rest }) => input.selectFields(paths, trailing(rest)),
});

/** `SplitFields.apply(…)`: `frame.splitFields` with Glue's arguments. */
export const SplitFields = defineTransform<
  [frame: DynamicFrame, paths: Paths, name1?: string, name2?: string, ...rest: Trailing],
  Framed & { readonly paths: Paths; readonly name1?: string; readonly name2?: string },
  DynamicFrameCollection
>({
  name: "SplitFields",
  about: "Splits a frame by its fields.",
  args: [
    FRAME,
    PATHS,
    optional("name1", "String", "Name of the frame with those fields.", "the frame's name, or frame, with a 1"),
    optional("name2", "String", "Name of the frame with the others.", "the frame's name, or frame, with a 2"),
    ...COMMON,
  ],
  returns: { type: "DynamicFrameCollection", description: "Two frames: the fields that were named, and all others." },
  run: ({ frame: input, paths, name1, name2, ...rest }) => {
    const stem = input.name === "" ? "frame" : input.name;
    return input.splitFields(paths, name1 ?? `${stem}1`, name2 ?? `${stem}2`, trailing(rest));
  },
});

/** `UnnestFrame.apply(…)`: `frame.unnest` with Glue's arguments. */
export const UnnestFrame = defineTransform<[frame: DynamicFrame, ...rest: Trailing], Framed, DynamicFrame>({
  name: "UnnestFrame",
  about: "Flattens structs to top-level columns with dotted names.",
  args: [FRAME, ...COMMON],
  returns: frame("The flat frame."),
  run: ({ frame: input, ...rest }) => input.unnest(trailing(rest)),
});

type Specs = readonly (readonly [path: string, action: string])[];
type ResolveArgs = Framed & {
  readonly specs?: Specs;
  readonly choice?: string;
  readonly database?: string;
  readonly tableName?: string;
  readonly catalogId?: string;
};

/** `ResolveChoice.apply(…)`: `frame.resolveChoice` with Glue's arguments. @throws BAD_ARGUMENT, BAD_ACTION */
export const ResolveChoice = defineTransform<
  [
    frame: DynamicFrame,
    specs?: Specs,
    choice?: string,
    database?: string,
    tableName?: string,
    transformationCtx?: string,
    info?: string,
    stageThreshold?: number,
    totalThreshold?: number,
    catalogId?: string,
  ],
  ResolveArgs,
  DynamicFrame
>({
  name: "ResolveChoice",
  about: "Resolves fields that hold more than one type.",
  args: [
    FRAME,
    optional("specs", "List[Tuple]", "Pairs of path and action: cast:TYPE, project:TYPE, make_cols, make_struct."),
    optional("choice", "String", "One action for every choice; also match_catalog.", ""),
    optional("database", "String", "For match_catalog: the database."),
    optional("tableName", "String", "For match_catalog: the table whose types decide."),
    ...COMMON,
    optional("catalogId", "String", "Accepted; a context has one catalog."),
  ],
  returns: frame("The frame with those choices resolved."),
  raises: [
    { type: "BAD_ARGUMENT", description: "Both of specs and choice are given, or neither." },
    { type: "BAD_ACTION", description: "An action does not exist." },
  ],
  run: ({ frame: input, specs, choice, database, tableName, ...rest }) =>
    input.resolveChoice({
      ...trailing(rest),
      ...(specs === undefined ? {} : { specs }),
      ...(choice === undefined ? {} : { choice }),
      ...(database === undefined ? {} : { database }),
      ...(tableName === undefined ? {} : { tableName }),
    }),
});
