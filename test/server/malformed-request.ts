/** Requests that break exactly one rule of the service model, made from its shapes by a seeded generator. */
import { GLUE_SHAPES } from "../../src/server/generated/glue-shapes.js";
import type { ShapeSpec } from "../../src/server/model/shape-spec.js";

export type Random = () => number;

/** Mulberry32: the same sequence for the same seed. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
const PLAIN: { readonly [name: string]: unknown } = {
  String: "text",
  Boolean: true,
  Timestamp: 1,
  Double: 1.5,
  Integer: 1,
  Long: 1,
  Blob: "AAAA",
};

/** A place in a value at which to break a rule: the value, who holds it, and its shape. */
type Place = {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
  readonly shape: string;
  readonly required: boolean;
};

/** A request that only its names make wrong, and the places in it. */
function build(random: Random, shape: string, places: Place[], depth: number): unknown {
  const spec = GLUE_SHAPES[shape];
  if (spec === undefined) return PLAIN[shape];
  switch (spec.kind) {
    case "structure": {
      const value: Record<string, unknown> = {};
      for (const [member, type] of Object.entries(spec.members)) {
        const required = spec.required?.includes(member) === true;
        if (!required && (depth > 4 || random() < 0.5)) continue;
        value[member] = build(random, type, places, depth + 1);
        places.push({ holder: value, key: member, shape: type, required });
      }
      return value;
    }
    case "list": {
      const list = Array.from({ length: Math.max(spec.min ?? 0, 1) }, () =>
        build(random, spec.member, places, depth + 1),
      );
      list.forEach((_, i) => places.push({ holder: list, key: i, shape: spec.member, required: false }));
      return list;
    }
    case "map":
      return { a: build(random, spec.value, places, depth + 1) };
    case "string":
      return spec.enum === undefined ? "a".repeat(Math.max(spec.min ?? 1, 1)) : pick(random, spec.enum);
    case "integer":
    case "number":
      return spec.min ?? 1;
    case "blob":
      return "AAAA";
    case "boolean":
      return true;
    case "timestamp":
      return 1;
  }
}

function outside(spec: ShapeSpec): unknown {
  switch (spec.kind) {
    case "string":
      if (spec.enum !== undefined) return "NO_SUCH_VALUE";
      if (spec.max !== undefined && spec.max <= 20_000) return "a".repeat(spec.max + 1);
      return (spec.min ?? 0) > 0 ? "" : undefined;
    case "integer":
    case "number":
      if (spec.max !== undefined) return spec.max + 1;
      return spec.min === undefined ? undefined : spec.min - 1;
    case "list":
      return spec.max !== undefined && spec.max <= 1000 ? Array.from({ length: spec.max + 1 }, () => "a") : undefined;
    default:
      return undefined;
  }
}

const WRONG_TYPES: readonly unknown[] = [{ $: 1 }, [[]], { toString: "x" }];

/** The text of a request that is not valid. */
export function malformedRequest(random: Random, input: string): string {
  const places: Place[] = [];
  const request = build(random, input, places, 0) as Record<string, unknown>;
  const required = places.filter((place) => place.required);
  const kind = Math.floor(random() * 6);
  if (kind === 0)
    return (
      pick(random, ["", "{", "[1]", '"x"', "nul", '{"a":1,}', "\u0000", '{"__proto__":', `${"[".repeat(20_000)}`])
      || "[]"
    );
  if (kind === 1 && required.length > 0) {
    const { holder, key } = pick(random, required);
    Reflect.deleteProperty(holder, key);
    return JSON.stringify(request);
  }
  if (kind === 2) {
    const bounded = places.flatMap((place) => {
      const value = outside(GLUE_SHAPES[place.shape] ?? { kind: "boolean" });
      return value === undefined ? [] : [{ place, value }];
    });
    if (bounded.length > 0) {
      const {
        place: { holder, key },
        value,
      } = pick(random, bounded);
      Reflect.set(holder, key, value);
      return JSON.stringify(request);
    }
  }
  if (kind >= 3 && places.length > 0) {
    // where any value goes there is no wrong type; a text or number in place of these shapes is one
    const typed = places.filter(({ shape }) => (GLUE_SHAPES[shape]?.kind ?? "plain") !== "map");
    if (typed.length > 0) {
      const { holder, key, shape } = pick(random, typed);
      Reflect.set(
        holder,
        key,
        GLUE_SHAPES[shape]?.kind === "structure" || GLUE_SHAPES[shape]?.kind === "list"
          ? pick(random, [7, "text", true])
          : pick(random, WRONG_TYPES),
      );
      return JSON.stringify(request);
    }
  }
  return JSON.stringify({ ...request, [pick(random, ["Nope", "__proto__x", "constructor", "toString"])]: 1 });
}
