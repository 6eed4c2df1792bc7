import { DynaframeError } from "../types/error.js";
import type { DynamicFrame } from "./dynamic-frame.js";

/**
 * Named frames of one call (docs/sources.md#collections). The names of `relationalize` follow from the schema, so
 * `keys()` and what needs all frames return promises; `select(name)` is lazy.
 */
export class DynamicFrameCollection {
  readonly #keys: () => Promise<readonly string[]>;
  readonly #select: (name: string) => DynamicFrame;

  /** @internal made by verbs and by `DynamicFrameCollection.of` */
  constructor(keys: () => Promise<readonly string[]>, select: (name: string) => DynamicFrame) {
    this.#keys = keys;
    this.#select = select;
  }

  /**
   * A collection of frames under their own names, or of an object's entries.
   * @throws BAD_ARGUMENT (TypeError, as Glue) for anything else, EMPTY_COLLECTION for none.
   */
  static of(frames: readonly DynamicFrame[] | Readonly<Record<string, DynamicFrame>>): DynamicFrameCollection {
    const wrong: readonly unknown[] =
      typeof frames === "object" && frames !== null
        ? Object.values(frames).filter((frame) => !isFrame(frame))
        : [frames];
    if (wrong.length > 0) {
      throw new DynaframeError("BAD_ARGUMENT", "A collection is made of a list of frames, or of an object of them.", {
        name: "TypeError",
        expected: "DynamicFrame[] or Record<string, DynamicFrame>",
        found: wrong[0] === null ? "null" : typeof wrong[0],
        hint: "Write DynamicFrameCollection.of([orders, items]).",
      });
    }
    const entries = Array.isArray(frames)
      ? (frames as readonly DynamicFrame[]).map((f) => [f.name, f] as const)
      : Object.entries(frames as Readonly<Record<string, DynamicFrame>>);
    return collectionOf(new Map(entries));
  }

  /** Names of the frames, the root first. */
  keys(): Promise<readonly string[]> {
    return this.#keys();
  }

  /** The frame of that name; an unknown name gives an empty frame, as Glue's select does. */
  select(name: string): DynamicFrame {
    return this.#select(name);
  }

  /** The frame of that name; an unknown name is NO_SUCH_FRAME (KeyError), as Glue's `[name]` is. */
  async get(name: string): Promise<DynamicFrame> {
    const keys = await this.#keys();
    if (keys.includes(name)) return this.#select(name);
    throw new DynaframeError("NO_SUCH_FRAME", `The collection has no frame ${name}.`, {
      name: "KeyError",
      expected: keys.join(", "),
      found: name,
      hint: "See keys().",
    });
  }

  /** The frames, in the order of `keys()`. */
  async values(): Promise<readonly DynamicFrame[]> {
    return (await this.#keys()).map((name) => this.#select(name));
  }

  /** How many frames there are. */
  async size(): Promise<number> {
    return (await this.#keys()).length;
  }

  /**
   * `f(frame, ctx)` for each frame, in the order of `keys()`; the results keep the names. `ctx` is
   * `<transformationCtx>:<name>`, as a key for bookmarks. Rejects with BAD_ARGUMENT when `f` gives no frame,
   * EMPTY_COLLECTION when there are none.
   * @example await tables.map((frame, ctx) => frame.dropNullFields({ transformationCtx: ctx }))
   */
  async map(f: FrameFunction<DynamicFrame>, transformationCtx = ""): Promise<DynamicFrameCollection> {
    const frames = new Map<string, DynamicFrame>();
    for (const name of await this.#keys()) {
      const result = await f(this.#select(name), `${transformationCtx}:${name}`);
      if (!isFrame(result)) throw noFrame("map", name, "a DynamicFrame");
      frames.set(name, result);
    }
    return collectionOf(frames);
  }

  /**
   * As `map`, where `f` may give a frame or a collection; frames are found under their own names, a later one of a name
   * replaces an earlier one. Rejects with BAD_ARGUMENT when `f` gives neither, EMPTY_COLLECTION when no frame is left.
   */
  async flatmap(
    f: FrameFunction<DynamicFrame | DynamicFrameCollection>,
    transformationCtx = "",
  ): Promise<DynamicFrameCollection> {
    const frames = new Map<string, DynamicFrame>();
    for (const name of await this.#keys()) {
      const result = await f(this.#select(name), `${transformationCtx}:${name}`);
      if (isFrame(result)) frames.set(result.name, result);
      else if (result instanceof DynamicFrameCollection)
        for (const frame of await result.values()) frames.set(frame.name, frame);
      else throw noFrame("flatmap", name, "a DynamicFrame or a DynamicFrameCollection");
    }
    return collectionOf(frames);
  }
}

/** What is done to each frame of a collection. */
export type FrameFunction<R> = (frame: DynamicFrame, ctx: string) => R | Promise<R>;

function collectionOf(frames: ReadonlyMap<string, DynamicFrame>): DynamicFrameCollection {
  const [first] = frames.values();
  return new DynamicFrameCollection(
    async () => [...frames.keys()],
    (name) => {
      const found = frames.get(name) ?? first?.emptyLike(name);
      if (found) return found;
      throw new DynaframeError("EMPTY_COLLECTION", "The collection holds no frames.", {
        hint: "Give it at least one frame.",
      });
    },
  );
}

const isFrame = (result: unknown): result is DynamicFrame =>
  typeof result === "object" && result !== null && "node" in result && "relationalize" in result;

const noFrame = (verb: string, name: string, expected: string): DynaframeError =>
  new DynaframeError("BAD_ARGUMENT", `${verb}: the function gave no frame for ${name}.`, {
    expected,
    path: name,
    hint: "Return the frame you made.",
  });
