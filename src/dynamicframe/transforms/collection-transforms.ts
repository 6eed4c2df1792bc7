/** Transform classes that make collections or work on them. */
import { DynaframeError } from "../../types/error.js";
import type { DynamicFrameCollection, FrameFunction } from "../collection.js";
import type { DynamicFrame } from "../dynamic-frame.js";
import type { TransformOptions } from "../verbs/verb.js";
import { trailing, type Trailing } from "../trailing.js";
import { COMMON, CONTEXT, defineTransform, optional, required } from "./transform.js";

const DFC = required("dfc", "DynamicFrameCollection", "The collection that is read.");
type OfCollection = { readonly dfc: DynamicFrameCollection; readonly transformationCtx?: string };

type RelationalizeArgs = TransformOptions & {
  readonly frame: DynamicFrame;
  readonly stagingPath?: string | null;
  readonly name?: string;
  readonly options?: Readonly<Record<string, unknown>>;
};

/**
 * `Relationalize.apply(…)`: `frame.relationalize` with Glue's arguments.
 * @throws BAD_ARGUMENT without a stagingPath and a TempDir
 */
export const Relationalize = defineTransform<
  [
    frame: DynamicFrame,
    stagingPath?: string | null,
    name?: string,
    options?: Readonly<Record<string, unknown>>,
    ...rest: Trailing,
  ],
  RelationalizeArgs,
  DynamicFrameCollection
>({
  name: "Relationalize",
  about: "Flattens structs and gives every list a table of its own.",
  args: [
    required("frame", "DynamicFrame", "The frame that is read."),
    optional("stagingPath", "String", "Place for intermediate files.", "the job's TempDir"),
    optional("name", "String", "Name of the root table.", "roottable"),
    optional("options", "Dictionary", "Accepted; Glue has none.", "{}"),
    ...COMMON,
  ],
  returns: {
    type: "DynamicFrameCollection",
    description: "The root table and one table for each list, joined by keys.",
  },
  raises: [
    { type: "BAD_ARGUMENT", description: "There is neither a stagingPath nor a TempDir among the job's arguments." },
  ],
  run: ({ frame, stagingPath, name = "roottable", ...rest }) =>
    frame.relationalize(name, stagingPath ?? temporaryFolder(frame), trailing(rest)),
});

function temporaryFolder({ environment }: DynamicFrame): string {
  const resolved = environment.session.resolvedOptions();
  const folder = resolved["TempDir"];
  if (typeof folder === "string" && folder !== "") return folder;
  throw new DynaframeError(
    "BAD_ARGUMENT",
    `Unable to set staging_path using args ${JSON.stringify(Object.keys(resolved))}`,
    {
      name: "RuntimeError",
      path: "stagingPath",
      expected: "a stagingPath, or the job argument TempDir",
      hint: "Give stagingPath, or open the context with resolvedOptions: { TempDir: '…' }.",
    },
  );
}

/** `SelectFromCollection.apply(…)`: `dfc.select` with Glue's arguments. */
export const SelectFromCollection = defineTransform<
  [dfc: DynamicFrameCollection, key: string, transformationCtx?: string],
  OfCollection & { readonly key: string },
  DynamicFrame
>({
  name: "SelectFromCollection",
  about: "Takes one frame out of a collection.",
  args: [DFC, required("key", "String", "Name of the frame."), CONTEXT],
  returns: { type: "DynamicFrame", description: "The frame of that name; an empty one when there is none." },
  run: ({ dfc, key }) => dfc.select(key),
});

/**
 * `MapToCollection.apply(…)`: `dfc.map` with Glue's arguments. Rejects with BAD_ARGUMENT when the function gave no
 * frame.
 */
export const MapToCollection = defineTransform<
  [dfc: DynamicFrameCollection, callable: FrameFunction<DynamicFrame>, transformationCtx?: string],
  OfCollection & { readonly callable: FrameFunction<DynamicFrame> },
  Promise<DynamicFrameCollection>
>({
  name: "MapToCollection",
  about: "Applies a function to each frame of a collection.",
  args: [DFC, required("callable", "Callable", "Takes a frame and its context, gives a frame."), CONTEXT],
  returns: { type: "DynamicFrameCollection", description: "The results under the names of the frames they came from." },
  raises: [{ type: "BAD_ARGUMENT", description: "The function gave no frame." }],
  run: ({ dfc, callable, transformationCtx = "" }) => dfc.map(callable, transformationCtx),
});

/** What `FlatMap` applies: any of the transforms whose result is a frame or a collection. */
export type BaseTransform = {
  readonly name: () => string;
  readonly apply: (
    named: never,
  ) => DynamicFrame | DynamicFrameCollection | Promise<DynamicFrame | DynamicFrameCollection>;
};
type BaseKwargs = Readonly<Record<string, unknown>>;
type FlatMapArgs = OfCollection & {
  readonly BaseTransform: BaseTransform;
  readonly frameName: string;
  readonly baseKwargs?: BaseKwargs;
  readonly [argument: string]: unknown;
};

/**
 * `FlatMap.apply(…)`: `dfc.flatmap` with Glue's arguments. The frames go to another transform, under the name of its
 * argument.
 */
export const FlatMap = defineTransform<
  [
    dfc: DynamicFrameCollection,
    BaseTransform: BaseTransform,
    frameName: string,
    transformationCtx?: string,
    baseKwargs?: BaseKwargs,
  ],
  FlatMapArgs,
  Promise<DynamicFrameCollection>
>({
  name: "FlatMap",
  about: "Applies a transform to each frame of a collection and puts all results into one collection.",
  rest: "baseKwargs",
  args: [
    DFC,
    required("BaseTransform", "GlueTransform", "The transform."),
    required("frameName", "String", "Name of the argument under which it takes the frame."),
    CONTEXT,
    optional("baseKwargs", "Dictionary", "Its other arguments; by name they may stand beside those of FlatMap."),
  ],
  returns: { type: "DynamicFrameCollection", description: "All results under their own names." },
  run: ({ dfc, BaseTransform, frameName, transformationCtx = "", baseKwargs = {} }) =>
    dfc.flatmap(
      (frame, ctx) =>
        // the base transform checks the names of what it is given
        (BaseTransform.apply as (named: BaseKwargs) => ReturnType<BaseTransform["apply"]>)({
          ...baseKwargs,
          [frameName]: frame,
          transformationCtx: ctx,
        }),
      transformationCtx,
    ),
});
