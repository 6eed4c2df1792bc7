/** `spigot`: a sample of the records on the side. */
import { randomInt, randomUUID } from "node:crypto";
import type { EngineSession, RunOptions } from "../engine/index.js";
import { nearestName } from "../types/nearest-name.js";
import { limit, values } from "../plan/ir/build.js";
import type { Relation } from "../plan/ir/relation.js";
import { DynaframeError } from "../types/error.js";
import type { Row } from "../types/value.js";
import { checkTransformOptions } from "./check-transform-options.js";
import type { FrameNode, FrameSession } from "./frame-node.js";
import { requireOptions, requireText } from "./require-text.js";
import type { TransformOptions } from "./verbs/verb.js";

/** Which records `spigot` takes. */
export type SpigotOptions = {
  /** Records at most; default 100. */
  readonly topk?: number;
  /**
   * Probability of each record, 0 to 1; default 1. Records are looked at in the engine's order until `topk` are taken.
   */
  readonly prob?: number;
  /** Makes the choice repeatable; by default each run takes another sample. */
  readonly seed?: number;
};

/**
 * Writes a sample as JSON lines into a new file below the folder `path` and passes all records on. It is written once,
 * by the first action that needs this frame. Source: docs/sources.md#methods.
 */
export function spigotNode(
  input: FrameNode,
  path: string,
  spigot: SpigotOptions,
  options: TransformOptions,
): FrameNode {
  requireText("spigot", "path", path);
  const { topk, prob, seed } = checkedOptions(spigot);
  checkTransformOptions("spigot", options);
  return {
    kind: "spigot",
    args: { path, ...spigot },
    inputs: [input],
    options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error("spigot has one input");
      const engine = await session.engine();
      const random = prob < 1 ? randomNumbers(seed ?? randomInt(2 ** 32)) : () => 0;
      const rows = await sampled(
        prob < 1 ? resolved.relation : limit(resolved.relation, topk),
        engine,
        run,
        topk,
        () => random() < prob,
      );
      await publish(values(rows, resolved.relation.type), path, engine, session, run);
      return resolved;
    },
  };
}

async function sampled(
  relation: Relation,
  engine: EngineSession,
  run: RunOptions,
  topk: number,
  takes: () => boolean,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  if (topk === 0) return rows;
  for await (const batch of engine.rows(relation, run)) {
    for (const row of batch) {
      if (takes()) rows.push(row);
      if (rows.length === topk) return rows;
    }
  }
  return rows;
}

/** Numbers and tags as every other writer of JSON has them: the engine's sink writes the file. */
async function publish(
  sample: Relation,
  path: string,
  engine: EngineSession,
  session: FrameSession,
  run: RunOptions,
): Promise<void> {
  const directory = await session.stagingFolder("spigot");
  const files = await engine.write(sample, { format: "json", options: {}, directory, partitionKeys: [] }, run);
  const id = randomUUID();
  for (const [index, file] of files.entries()) {
    await session.storage.publish(
      file.localFile,
      `${session.storage.resolve(path)}/spigot-${String(index).padStart(5, "0")}-${id}.json`,
      { ifAbsent: true },
    );
  }
}

const NAMES = ["topk", "prob", "seed"];

function checkedOptions(options: SpigotOptions): {
  readonly topk: number;
  readonly prob: number;
  readonly seed: number | undefined;
} {
  requireOptions("spigot", options);
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, NAMES);
    throw new DynaframeError("BAD_OPTION", `spigot has no option ${unknown}.`, {
      path: unknown,
      expected: NAMES.join(", "),
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  const { topk = 100, prob = 1, seed } = options;
  if (!Number.isSafeInteger(topk) || topk < 0) throw wrong("topk", "a whole number from 0", topk);
  if (typeof prob !== "number" || !(prob >= 0 && prob <= 1)) throw wrong("prob", "a number from 0 to 1", prob);
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw wrong("seed", "a whole number", seed);
  return { topk, prob, seed };
}

const wrong = (option: string, expected: string, found: unknown): DynaframeError =>
  new DynaframeError("BAD_OPTION", `spigot: ${option} should be ${expected} but is ${String(found)}.`, {
    path: option,
    expected,
    found: String(found),
  });

/** Numbers in [0, 1), the same for the same seed: the generator mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
