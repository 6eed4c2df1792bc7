/** Bounds of numbers, lengths and counts. */
import type { Keywords, Misfit } from "./json-schema-keywords.js";
import type { JsonType } from "./json-schema-types.js";

type Bound = {
  readonly keyword: string;
  readonly of: readonly JsonType[];
  readonly holds: (reader: number, writer: number) => boolean;
};

const least = (reader: number, writer: number): boolean => writer >= reader;
const most = (reader: number, writer: number): boolean => writer <= reader;

const BOUNDS: readonly Bound[] = [
  { keyword: "minLength", of: ["string"], holds: least },
  { keyword: "maxLength", of: ["string"], holds: most },
  { keyword: "minItems", of: ["array"], holds: least },
  { keyword: "maxItems", of: ["array"], holds: most },
  { keyword: "minProperties", of: ["object"], holds: least },
  { keyword: "maxProperties", of: ["object"], holds: most },
  { keyword: "multipleOf", of: ["integer", "number"], holds: (reader, writer) => Number.isInteger(writer / reader) },
];

/** A lower or upper end of numbers: inclusive or not, in the spelling of draft 04 too. */
type End = { readonly value: number; readonly open: boolean };

export function boundsMisfit(
  reader: Keywords,
  writer: readonly Keywords[],
  types: ReadonlySet<JsonType>,
  at: string,
): Misfit {
  for (const { keyword, of, holds } of BOUNDS) {
    const demanded = reader[keyword];
    if (typeof demanded !== "number" || !of.some((type) => types.has(type))) continue;
    if (keyword.startsWith("min") && demanded <= 0) continue;
    if (keyword === "multipleOf" && !types.has("number") && Number.isInteger(1 / demanded)) continue;
    if (
      !writer.some((each) => {
        const own = each[keyword];
        return typeof own === "number" && holds(demanded, own);
      })
    )
      return `${at}: ${keyword} ${demanded} is new or narrower`;
  }
  if (reader["uniqueItems"] === true && types.has("array") && !writer.some((each) => each["uniqueItems"] === true))
    return `${at}: uniqueItems is new`;
  if (!types.has("integer") && !types.has("number")) return undefined;
  return endMisfit(reader, writer, 1, at) ?? endMisfit(reader, writer, -1, at);
}

function endMisfit(reader: Keywords, writer: readonly Keywords[], sign: 1 | -1, at: string): Misfit {
  const name = sign === 1 ? "minimum" : "maximum";
  for (const demanded of endsOf(reader, sign)) {
    const holds = writer.some((each) =>
      endsOf(each, sign).some(
        (own) =>
          sign * own.value > sign * demanded.value || (own.value === demanded.value && (own.open || !demanded.open)),
      ),
    );
    if (!holds) return `${at}: ${name} ${demanded.value} is new or narrower`;
  }
  return undefined;
}

function endsOf(schema: Keywords, sign: 1 | -1): readonly End[] {
  const [inclusive, exclusive] =
    sign === 1 ? [schema["minimum"], schema["exclusiveMinimum"]] : [schema["maximum"], schema["exclusiveMaximum"]];
  return [
    ...(typeof inclusive === "number" ? [{ value: inclusive, open: exclusive === true }] : []),
    ...(typeof exclusive === "number" ? [{ value: exclusive, open: true }] : []),
  ];
}
