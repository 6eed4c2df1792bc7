/** Random types and names for the property tests of this folder. */
import fc from "fast-check";
import {
  ATOMIC_KINDS,
  type AtomicKind,
  type DataType,
  choice,
  decimal,
  enumOf,
  field,
  struct,
} from "../../src/types/data-type.js";

/** Names that break naive printers: dots, backticks, brackets, quotes, colons, case clashes, the empty name. */
export const anyName = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "A",
    "Id",
    "id",
    "",
    "a.b",
    "x`y",
    "`",
    "c[]",
    "[]",
    'q"r',
    "a:b",
    "x,y",
    "<z>",
    "with blank",
    "日本",
    "'",
    "__proto__",
    "a\nb",
  ),
  fc.string({ maxLength: 5, unit: "grapheme" }),
);

export type TypeOptions = {
  readonly names?: fc.Arbitrary<string>;
  readonly atoms?: readonly AtomicKind[];
  readonly choices?: boolean;
  readonly sets?: boolean;
  readonly enums?: boolean;
};

const decimalType = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) => fc.integer({ min: 0, max: precision }).map((scale) => decimal(precision, scale)));

export function anyType(options: TypeOptions = {}): fc.Arbitrary<DataType> {
  const names = options.names ?? anyName;
  const atom = fc.constantFrom(...(options.atoms ?? ATOMIC_KINDS)).map((kind): DataType => ({ kind }));
  const { type } = fc.letrec<{ type: DataType }>((tie) => {
    const inner = tie("type") as fc.Arbitrary<DataType>;
    const options_: fc.Arbitrary<DataType>[] = [
      atom,
      decimalType,
      inner.map((element): DataType => ({ kind: "array", element })),
      inner.map((value): DataType => ({ kind: "map", value })),
      fc
        .uniqueArray(fc.tuple(names, inner), { maxLength: 4, selector: ([name]) => name })
        .map((fields) => struct(fields.map(([name, t]) => field(name, t)))),
    ];
    if (options.sets !== false) options_.push(inner.map((element): DataType => ({ kind: "set", element })));
    if (options.enums !== false)
      options_.push(fc.uniqueArray(fc.constantFrom("r", "g", "b", "B"), { minLength: 1 }).map(enumOf));
    if (options.choices !== false) {
      const member = inner.filter((t) => t.kind !== "choice" && t.kind !== "null" && t.kind !== "unknown");
      options_.push(fc.uniqueArray(member, { minLength: 2, maxLength: 4, selector: (t) => t.kind }).map(choice));
    }
    return {
      type: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        ...(options_ as [fc.Arbitrary<DataType>, ...fc.Arbitrary<DataType>[]]),
      ),
    };
  });
  return type;
}

/** The same type with fields and enum options in one canonical order, for laws that hold up to order. */
export function sorted(type: DataType): unknown {
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  switch (type.kind) {
    case "struct":
      return { kind: "struct", fields: type.fields.map((f) => ({ name: f.name, type: sorted(f.type) })).sort(byName) };
    case "array":
    case "set":
      return { kind: type.kind, element: sorted(type.element) };
    case "map":
      return { kind: "map", value: sorted(type.value) };
    case "enum":
      return { kind: "enum", options: [...type.options].sort() };
    case "choice":
      return { kind: "choice", choices: type.choices.map(sorted) };
    default:
      return type;
  }
}
