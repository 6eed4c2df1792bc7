/**
 * Types of texts, told on request: for all values of a column, or with the values named that are not of the type
 * (docs/decisions/0134).
 */
import { ledgerType } from "../shapes/ledger-type.js";
import { type Ledger, type LedgerNode, type Place, type Tag, TAGS, type TagStats } from "../shapes/ledger.js";
import { comparePlaces } from "../shapes/first-place.js";
import {
  BOOLEAN,
  DATE,
  type DataType,
  decimal,
  DOUBLE,
  INT,
  LONG,
  type StructType,
  TIMESTAMP,
} from "../types/data-type.js";
import { fieldPath } from "../types/path.js";
import type { Classification } from "./classify/classification.js";
import type { Reason } from "./group/reason.js";

type Source = Pick<Ledger, "root" | "texts">;

/** The exact type, with the types that were asked for in place of those of texts. */
export function spelledType({ root, texts }: Source, csv: boolean, asked: readonly string[]): StructType {
  const type = ledgerType({ root });
  if (asked.length === 0) return type;
  const spelled = retyped(type, root, texts, csv ? csvType(asked) : jsonType(asked));
  return spelled.kind === "struct" ? spelled : type;
}

type TypeOf = (node: LedgerNode, texts: LedgerNode) => DataType | undefined;

function retyped(
  type: DataType,
  node: LedgerNode | undefined,
  texts: LedgerNode | undefined,
  typeOf: TypeOf,
): DataType {
  if (node === undefined || texts === undefined) return type;
  switch (type.kind) {
    case "struct":
      return {
        ...type,
        fields: type.fields.map((field) => ({
          ...field,
          type: retyped(field.type, childOf(node, field.name), childOf(texts, field.name), typeOf),
        })),
      };
    case "array":
      return { ...type, element: retyped(type.element, node.element, texts.element, typeOf) };
    case "choice":
      return (
        typeOf(node, texts) ?? {
          ...type,
          choices: type.choices.map((arm) =>
            arm.kind === "struct" || arm.kind === "array" ? retyped(arm, node, texts, typeOf) : arm,
          ),
        }
      );
    default:
      return typeOf(node, texts) ?? type;
  }
}

const childOf = (node: LedgerNode, name: string): LedgerNode | undefined =>
  node.fields.find((field) => field.name === name)?.node;

/** Strings only, all of which were looked into. */
const jsonType =
  (asked: readonly string[]): TypeOf =>
  (node, texts) =>
    isText(node) && looked(node, texts) ? judge(texts, asked).type : undefined;

/** The other types of cells are the scanner's own; a decimal is asked for where long does not do. */
const csvType =
  (asked: readonly string[]): TypeOf =>
  (node, texts) =>
    asked.includes("DECIMAL") && looked(node, texts) && (node.tags.double ?? node.tags.bigint) !== undefined
      ? judge(texts, ["DECIMAL"]).type
      : undefined;

const tagsOf = ({ tags }: LedgerNode): readonly Tag[] =>
  TAGS.filter((tag) => tag !== "null" && tags[tag] !== undefined);
const countOf = (node: LedgerNode, tags: readonly Tag[] = tagsOf(node)): number =>
  tags.reduce((sum, tag) => sum + (node.tags[tag]?.count ?? 0), 0);
const isText = (node: LedgerNode): boolean => tagsOf(node).join() === "string";
const looked = (node: LedgerNode, texts: LedgerNode): boolean => countOf(node) === countOf(texts);

/**
 * `type`: of all values. Else of the asked type that most values have: which, how many, and the first value that is not
 * of it.
 */
type Judgement = {
  readonly type?: DataType;
  readonly near?: { readonly name: string; readonly count: number; readonly of: number; readonly first: Place };
};

/** A type that may be asked for: its values by tag. */
type Family = { readonly asked: string; readonly type: DataType; readonly tags: readonly Tag[] };

/** The narrowest first. */
const FAMILIES: readonly Family[] = Object.freeze([
  { asked: "BOOLEAN", type: BOOLEAN, tags: ["boolean"] },
  { asked: "DATE", type: DATE, tags: ["date"] },
  { asked: "TIMESTAMP", type: TIMESTAMP, tags: ["timestamp"] },
  { asked: "INT", type: INT, tags: ["int"] },
  { asked: "LONG", type: LONG, tags: ["int", "long"] },
  { asked: "DECIMAL", type: decimal(38, 0), tags: ["int", "long", "bigint", "double"] },
  { asked: "DOUBLE", type: DOUBLE, tags: ["int", "long", "bigint", "double"] },
] satisfies readonly Family[]);
const MAX_DIGITS = 38;
/** Numbers with an exponent, or of more digits. */
const BEYOND = "e";

function judge(texts: LedgerNode, asked: readonly string[]): Judgement {
  const of = countOf(texts);
  let near: Judgement["near"];
  for (const family of FAMILIES) {
    if (!asked.includes(family.asked) || of === 0) continue;
    const odd = family.asked === "DECIMAL" ? digitsOf(texts) : undefined;
    const count = countOf(texts, family.tags) - (odd?.count ?? 0);
    if (count === of) return { type: odd?.type ?? family.type };
    const others = tagsOf(texts)
      .filter((tag) => !family.tags.includes(tag))
      .flatMap((tag) => texts.tags[tag] ?? []);
    const [first] = [...others.map((stats) => stats.first), ...(odd?.first ?? [])].sort(comparePlaces);
    if (count > (near?.count ?? 0) && first !== undefined)
      near = { name: family.asked.toLowerCase(), count, of, first };
  }
  return near === undefined ? {} : { near };
}

type Digits = { readonly type: DataType; readonly count: number; readonly first: readonly Place[] };

/**
 * The decimal that holds all numbers, and the numbers that none holds: all of them together when they need more digits
 * than there are.
 */
function digitsOf({ fields }: LedgerNode): Digits {
  const plain = fields
    .filter(({ name }) => name !== BEYOND)
    .map(({ name, node }) => ({ digits: name.split(".").map(Number), node }));
  const whole = Math.max(0, ...plain.map(({ digits }) => digits[0] ?? 0));
  const scale = Math.max(0, ...plain.map(({ digits }) => digits[1] ?? 0));
  const fits = whole + scale <= MAX_DIGITS;
  const odd = fields
    .filter(({ name }) => name === BEYOND || !fits)
    .flatMap(({ node }) =>
      tagsOf(node).flatMap((tag): readonly TagStats[] => {
        const stats = node.tags[tag];
        return stats === undefined ? [] : [stats];
      }),
    );
  return {
    type: decimal(Math.max(1, Math.min(MAX_DIGITS, whole + scale)), fits ? scale : 0),
    count: odd.reduce((sum, { count }) => sum + count, 0),
    first: odd.map(({ first }) => first),
  };
}

/**
 * For each column of which some values have a type that was asked for and others do not: how many, and the first that
 * does not.
 */
export function counterExamples(
  { root, texts }: Source,
  { csv, datatypes = [] }: Pick<Classification, "csv" | "datatypes">,
): readonly Reason[] {
  if (datatypes.length === 0) return [];
  const reasons: Reason[] = [];
  // cells are counted by what they spell in any case
  const visit = (node: LedgerNode, own: LedgerNode | undefined, path: string): void => {
    const judged = csv === undefined ? own : (own ?? node);
    if (csv === undefined && isText(node) && (own === undefined || !looked(node, own)))
      return void reasons.push(unlooked(path, node, own));
    const near =
      judged !== undefined && (csv !== undefined || isText(node)) ? judge(judged, datatypes).near : undefined;
    if (near !== undefined) reasons.push(misfit(path, near));
    for (const field of node.fields) visit(field.node, own && childOf(own, field.name), fieldPath(path, field.name));
    if (node.element !== undefined) visit(node.element, own?.element, `${path}[]`);
  };
  visit(root, texts, "");
  return reasons;
}

function misfit(column: string, { name, count, of, first }: NonNullable<Judgement["near"]>): Reason {
  return {
    code: "TYPE_COUNTER_EXAMPLE",
    message: `column ${column} is not all ${name}: ${of - count} of ${of} values are not, the first at ${first.file}, record ${first.record}, byte ${first.offset}`,
    evidence: { column, type: name, count: of - count, of, first },
  };
}

function unlooked(column: string, node: LedgerNode, texts: LedgerNode | undefined): Reason {
  const [of, seen] = [countOf(node), texts === undefined ? 0 : countOf(texts)];
  return {
    code: "TYPE_NOT_TOLD",
    message: `${of - seen} of ${of} strings of column ${column} were crawled before types were asked for: it stays a string`,
    evidence: { column, count: of - seen, of },
  };
}
