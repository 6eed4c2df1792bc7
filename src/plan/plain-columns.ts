/** Plans that only pick fields of one scan: a shredder can write their result itself. Pure. */
import { RESULT_KINDS, type ResultColumn, type ResultKind, type WantedResult } from "../shapes/shred/result-columns.js";
import { fieldOf, type DataType } from "../types/data-type.js";
import type { Relation, ScanRelation, SinkTarget } from "./ir/relation.js";
import type { Scalar } from "./ir/scalar.js";

/**
 * What such a sink writes of which scan: one Parquet file of plain columns, packed by snappy. Undefined for any other
 * plan.
 */
export function plainColumns(
  root: Relation,
): { readonly scan: ScanRelation; readonly wanted: WantedResult } | undefined {
  if (root.kind !== "sink" || root.input.kind !== "project" || !isPlain(root.target)) return undefined;
  const { input } = root;
  let below: Relation = input;
  while (below.kind === "project") below = below.input;
  if (below.kind !== "scan" || below.domain !== undefined || below.partitionKeys.length > 0) return undefined;
  const columns: ResultColumn[] = [];
  for (const { value, name } of input.fields) {
    const kind = kindOf(value.type);
    const place = placeOf(value, input.input);
    const own = fieldOf(input.type, name)?.type;
    if (kind === undefined || place === undefined || own?.kind !== kind || !isHeld(place.kind, kind)) return undefined;
    columns.push({ path: place.path, kind });
  }
  return columns.length === 0 ? undefined : { scan: below, wanted: { columns, type: input.type } };
}

const isPlain = ({ format, partitionKeys, compression = "snappy", options }: SinkTarget): boolean =>
  format === "parquet" && partitionKeys.length === 0 && compression === "snappy" && options["blockSize"] === undefined;

const kindOf = ({ kind }: DataType): ResultKind | undefined => RESULT_KINDS.find((known) => known === kind);

/** No value of the first kind is lost in the second. */
const isHeld = (from: DataType["kind"], to: ResultKind): boolean => from === to || (from === "int" && to === "long");

/** Where in the records of the scan a value lies, as it is or widened, and of which kind it is there. */
type Place = { readonly path: readonly string[]; readonly kind: DataType["kind"] };

function placeOf(scalar: Scalar, rows: Relation, inside: readonly string[] = []): Place | undefined {
  switch (scalar.kind) {
    case "field":
      return placeOf(scalar.of, rows, [scalar.name, ...inside]);
    case "struct": {
      const [first, ...rest] = inside;
      const field = scalar.fields.find(({ name }) => name === first);
      return field === undefined || scalar.nullIf !== undefined ? undefined : placeOf(field.value, rows, rest);
    }
    case "cast": {
      const to = kindOf(scalar.type);
      const place = inside.length > 0 || scalar.mode === "match" ? undefined : placeOf(scalar.of, rows);
      return to === undefined || place === undefined || !isHeld(place.kind, to) || !isHeld(scalar.of.type.kind, to)
        ? undefined
        : place;
    }
    case "input": {
      if (rows.kind === "scan") {
        const type = inside.reduce<DataType | undefined>(
          (of, name) => (of?.kind === "struct" ? fieldOf(of, name)?.type : undefined),
          rows.type,
        );
        return type === undefined ? undefined : { path: inside, kind: type.kind };
      }
      const [first, ...rest] = inside;
      const field = rows.kind === "project" ? rows.fields.find(({ name }) => name === first) : undefined;
      return field === undefined || rows.kind !== "project" ? undefined : placeOf(field.value, rows.input, rest);
    }
    default:
      return undefined;
  }
}
