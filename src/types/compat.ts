/** Differences between two schemas and whom each of them breaks. */
import { type ChoiceType, type DataType, type Field, type StructType } from "./data-type.js";
import { castCanFail } from "./cast-rules.js";
import { fieldStep, printPath } from "./path.js";
import { sameType } from "./same-type.js";
import { fullTypeText, typeText } from "./type-text.js";

/** Stable ids; each is documented at `RULES`. */
export type ChangeRule =
  | "FIELD_ADDED"
  | "FIELD_REMOVED"
  | "FIELD_RENAMED_CASE"
  | "TYPE_CHANGED"
  | "TYPE_WIDENED"
  | "TYPE_NARROWED"
  | "TYPE_RESOLVED"
  | "TYPE_EMPTIED"
  | "CHOICE_ARM_ADDED"
  | "CHOICE_ARM_REMOVED"
  | "CHOICE_CREATED"
  | "CHOICE_COLLAPSED"
  | "ENUM_OPTION_ADDED"
  | "ENUM_OPTION_REMOVED"
  | "ELEMENT_TYPE_CHANGED"
  | "ELEMENT_TYPE_WIDENED"
  | "ELEMENT_TYPE_NARROWED";

/** One difference between two types, and whom it breaks. */
export type TypeChange = {
  readonly rule: ChangeRule;
  /** Where, as `printPath` prints it; an arm of a choice is `{name}` after the path, the value of a map `{value}`. */
  readonly path: string;
  /** Type texts; absent on the side where there is nothing. */
  readonly before?: string;
  readonly after?: string;
  /** Whether a reader with the new schema fails on, or misreads, old data. */
  readonly breaksBackward: boolean;
  /** Whether a reader with the old schema fails on, or misreads, new data. */
  readonly breaksForward: boolean;
};

type Breaks = { readonly backward: boolean; readonly forward: boolean };

/**
 * What each rule means for readers. Every field may be missing, so fields come without breaking backward and their
 * going breaks only old readers.
 */
const RULES: { readonly [rule in ChangeRule]: Breaks } = {
  FIELD_ADDED: { backward: false, forward: false },
  FIELD_REMOVED: { backward: false, forward: true },
  FIELD_RENAMED_CASE: { backward: true, forward: true },
  TYPE_CHANGED: { backward: true, forward: true },
  TYPE_WIDENED: { backward: false, forward: true },
  TYPE_NARROWED: { backward: true, forward: false },
  // null or unknown before: there was no value to misread
  TYPE_RESOLVED: { backward: false, forward: true },
  TYPE_EMPTIED: { backward: true, forward: false },
  CHOICE_ARM_ADDED: { backward: false, forward: true },
  CHOICE_ARM_REMOVED: { backward: true, forward: false },
  CHOICE_CREATED: { backward: false, forward: true },
  CHOICE_COLLAPSED: { backward: true, forward: false },
  ENUM_OPTION_ADDED: { backward: false, forward: true },
  ENUM_OPTION_REMOVED: { backward: true, forward: false },
  ELEMENT_TYPE_CHANGED: { backward: true, forward: true },
  ELEMENT_TYPE_WIDENED: { backward: false, forward: true },
  ELEMENT_TYPE_NARROWED: { backward: true, forward: false },
};

type Place = { readonly path: string; readonly isElement: boolean };

const TOP: Place = { path: "", isElement: false };

/**
 * The changes from `before` to `after`, in the order of the fields of `before`, then new ones. Empty means equal up to
 * field order.
 */
export function diffTypes(before: StructType, after: StructType): TypeChange[] {
  const changes: TypeChange[] = [];
  diffStructs(before, after, TOP, changes);
  return changes;
}

/** One line: what changed where, and whom it breaks. */
export function describeChange(change: TypeChange): string {
  const path = change.path || "the record";
  const broken = [
    ...(change.breaksBackward ? ["new readers of old data"] : []),
    ...(change.breaksForward ? ["old readers of new data"] : []),
  ];
  return `${path}: ${describeRule(change)} — ${broken.length === 0 ? "compatible" : `breaks ${broken.join(" and ")}`}`;
}

function describeRule({ rule, before = "nothing", after = "nothing" }: TypeChange): string {
  switch (rule) {
    case "FIELD_ADDED":
      return `new field of type ${after}`;
    case "FIELD_REMOVED":
      return `field of type ${before} is gone`;
    case "FIELD_RENAMED_CASE":
      return `renamed to ${after}, a difference in case only`;
    case "TYPE_CHANGED":
    case "ELEMENT_TYPE_CHANGED":
      return `${before} became ${after}`;
    case "TYPE_WIDENED":
    case "ELEMENT_TYPE_WIDENED":
      return `${before} widened to ${after}`;
    case "TYPE_NARROWED":
    case "ELEMENT_TYPE_NARROWED":
      return `${before} narrowed to ${after}`;
    case "TYPE_RESOLVED":
      return `never a value before, now ${after}`;
    case "TYPE_EMPTIED":
      return `${before} before, now never a value`;
    case "CHOICE_ARM_ADDED":
      return `now also ${after}`;
    case "CHOICE_ARM_REMOVED":
      return `no longer ${before}`;
    case "CHOICE_CREATED":
      return `${before} became ${after}`;
    case "CHOICE_COLLAPSED":
      return `${before} became only ${after}`;
    case "ENUM_OPTION_ADDED":
      return `new option ${after}`;
    case "ENUM_OPTION_REMOVED":
      return `option ${before} is gone`;
  }
}

function report(changes: TypeChange[], rule: ChangeRule, place: Place, before?: string, after?: string): void {
  const breaks = RULES[rule];
  changes.push(
    Object.freeze({
      rule,
      path: place.path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      breaksBackward: breaks.backward,
      breaksForward: breaks.forward,
    }),
  );
}

function fieldAt(place: Place, name: string): Place {
  return { path: `${place.path}${place.path === "" ? "" : "."}${printPath([fieldStep(name)])}`, isElement: false };
}

function at(place: Place, suffix: string): Place {
  return { path: place.path + suffix, isElement: suffix === "[]" };
}

function diffStructs(before: StructType, after: StructType, place: Place, changes: TypeChange[]): void {
  const added = new Map(after.fields.map((f) => [f.name, f]));
  for (const f of before.fields) added.delete(f.name);
  const kept = new Map(after.fields.map((f) => [f.name, f]));
  for (const old of before.fields) {
    const here = fieldAt(place, old.name);
    const same = kept.get(old.name);
    const renamed = same === undefined ? takeByCase(added, old.name) : undefined;
    if (renamed !== undefined) report(changes, "FIELD_RENAMED_CASE", here, old.name, renamed.name);
    const now = same ?? renamed;
    if (now === undefined) report(changes, "FIELD_REMOVED", here, typeText(old.type));
    else diffAny(old.type, now.type, renamed === undefined ? here : fieldAt(place, renamed.name), changes);
  }
  for (const f of added.values()) report(changes, "FIELD_ADDED", fieldAt(place, f.name), undefined, typeText(f.type));
}

function takeByCase(added: Map<string, Field>, name: string): Field | undefined {
  const found = [...added.values()].find((f) => f.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) added.delete(found.name);
  return found;
}

const isEmpty = (type: DataType): boolean => type.kind === "null" || type.kind === "unknown";

function diffAny(before: DataType, after: DataType, place: Place, changes: TypeChange[]): void {
  if (sameType(before, after) || (isEmpty(before) && isEmpty(after))) return;
  if (isEmpty(before)) return report(changes, "TYPE_RESOLVED", place, typeText(before), typeText(after));
  if (isEmpty(after)) return report(changes, "TYPE_EMPTIED", place, typeText(before), typeText(after));
  if (before.kind === "choice" || after.kind === "choice") return diffChoices(before, after, place, changes);
  if (before.kind === "struct" && after.kind === "struct") return diffStructs(before, after, place, changes);
  if (before.kind === "map" && after.kind === "map")
    return diffAny(before.value, after.value, at(place, "{value}"), changes);
  if ((before.kind === "array" && after.kind === "array") || (before.kind === "set" && after.kind === "set")) {
    return diffAny(before.element, after.element, at(place, "[]"), changes);
  }
  if (before.kind === "enum" && after.kind === "enum")
    return diffOptions(before.options, after.options, place, changes);
  const rule = `TYPE_${direction(before, after)}` as const;
  report(changes, place.isElement ? `ELEMENT_${rule}` : rule, place, fullTypeText(before), fullTypeText(after));
}

// Wider means that every old value is a new one without change of meaning: not just castable, as everything is to
// string.
function direction(before: DataType, after: DataType): "WIDENED" | "NARROWED" | "CHANGED" {
  if (widens(before, after)) return "WIDENED";
  return widens(after, before) ? "NARROWED" : "CHANGED";
}

const INTEGERS = ["byte", "short", "int", "long"];

function widens(from: DataType, to: DataType): boolean {
  if (from.kind === "enum") return to.kind === "string";
  if (from.kind === "date") return to.kind === "timestamp" || to.kind === "timestampntz";
  if (INTEGERS.includes(from.kind)) {
    if (to.kind === "double") return from.kind !== "long";
    if (to.kind === "float") return from.kind === "byte" || from.kind === "short";
    return (INTEGERS.includes(to.kind) || to.kind === "decimal") && !castCanFail(from, to);
  }
  if (from.kind === "float") return to.kind === "double";
  return from.kind === "decimal" && to.kind === "decimal" && to.scale >= from.scale && !castCanFail(from, to);
}

function diffOptions(before: readonly string[], after: readonly string[], place: Place, changes: TypeChange[]): void {
  for (const option of before)
    if (!after.includes(option)) report(changes, "ENUM_OPTION_REMOVED", place, JSON.stringify(option));
  for (const option of after)
    if (!before.includes(option)) report(changes, "ENUM_OPTION_ADDED", place, undefined, JSON.stringify(option));
}

function diffChoices(before: DataType, after: DataType, place: Place, changes: TypeChange[]): void {
  const old = armsOf(before);
  const now = armsOf(after);
  const common = old.filter((member) => now.some((m) => m.kind === member.kind));
  if (common.length === 0) return report(changes, "TYPE_CHANGED", place, typeText(before), typeText(after));
  if (before.kind !== "choice") report(changes, "CHOICE_CREATED", place, typeText(before), typeText(after));
  else if (after.kind !== "choice") report(changes, "CHOICE_COLLAPSED", place, typeText(before), typeText(after));
  else diffArms(before, after, place, changes);
  for (const member of common) {
    const next = now.find((m) => m.kind === member.kind);
    if (next !== undefined) diffAny(member, next, at(place, `{${member.kind}}`), changes);
  }
}

function armsOf(type: DataType): readonly DataType[] {
  return type.kind === "choice" ? type.choices : [type];
}

function diffArms(before: ChoiceType, after: ChoiceType, place: Place, changes: TypeChange[]): void {
  for (const arm of before.choices)
    if (!after.choices.some((c) => c.kind === arm.kind)) report(changes, "CHOICE_ARM_REMOVED", place, typeText(arm));
  for (const arm of after.choices)
    if (!before.choices.some((c) => c.kind === arm.kind))
      report(changes, "CHOICE_ARM_ADDED", place, undefined, typeText(arm));
}
