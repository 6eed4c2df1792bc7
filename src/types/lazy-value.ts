/**
 * Structs and lists that are made when they are first looked at: most functions look at few of the fields of a record. Until then nothing of
 * them is read, and what is given back untouched need not be compared. Whatever is done to them, they behave as the plain object or array
 * that they become; only `structuredClone` and its kind refuse them (docs/decisions/0127).
 */
import type { ChoiceType, DataType, StructType } from "./data-type.js";
import { setField, type Value } from "./value.js";
import type { Read } from "./struct-maker.js";
import { structOf, vectorReader } from "./vector-reader.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type Vector } from "./vector.js";

type Made = { [name: PropertyKey]: unknown };
/** What is asked of one of them for its handler; no other object knows it. */
const HANDLER = Symbol("lazy");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Prints look at the target of a proxy, past its handler: an empty one sends them back. */
class LazyStruct {
  [INSPECT](): unknown { return { ...this }; }
}
class LazyList extends Array<unknown> {
  [INSPECT](): unknown { return Array.from(this); }
}

class Handler implements ProxyHandler<Made> {
  private filled = false;

  constructor(private readonly target: Made, private readonly source: LazySource, private readonly index: number) {}

  static of(value: object): Handler | undefined {
    const found = (value as { readonly [HANDLER]?: unknown })[HANDLER];
    return found instanceof Handler ? found : undefined;
  }

  /** Whether nobody has looked at what is at the index of that vector. */
  isUntouched(vector: Vector, index: number): boolean { return !this.filled && this.source.vector === vector && this.index === index; }

  /** The plain value itself. */
  fill(): Made {
    const { target } = this;
    if (this.filled) return target;
    this.filled = true;
    this.source.looked(this.index);
    const made = this.source.read(this.index);
    if (Array.isArray(made)) {
      Object.setPrototypeOf(target, Array.prototype);
      for (const item of made as readonly Value[]) (target as unknown as unknown[]).push(item);
    } else {
      Object.setPrototypeOf(target, Object.prototype);
      for (const [name, value] of Object.entries(made as { readonly [name: string]: Value })) setField(target, name, value);
    }
    return target;
  }

  get(_: Made, name: PropertyKey): unknown {
    if (name === HANDLER) return this;
    if (name === "length" && !this.filled && this.source.lengthOf !== undefined) return this.source.lengthOf(this.index);
    return this.fill()[name];
  }
  set(_: Made, name: PropertyKey, value: unknown, receiver: unknown): boolean { return Reflect.set(this.fill(), name, value, receiver); }
  has(_: Made, name: PropertyKey): boolean { return name in this.fill(); }
  deleteProperty(_: Made, name: PropertyKey): boolean { return Reflect.deleteProperty(this.fill(), name); }
  defineProperty(_: Made, name: PropertyKey, property: PropertyDescriptor): boolean { return Reflect.defineProperty(this.fill(), name, property); }
  getOwnPropertyDescriptor(_: Made, name: PropertyKey): PropertyDescriptor | undefined { return Reflect.getOwnPropertyDescriptor(this.fill(), name); }
  ownKeys(): (string | symbol)[] { return Reflect.ownKeys(this.fill()); }
  getPrototypeOf(): object | null { return Reflect.getPrototypeOf(this.fill()); }
  setPrototypeOf(_: Made, prototype: object | null): boolean { return Reflect.setPrototypeOf(this.fill(), prototype); }
  isExtensible(): boolean { return Reflect.isExtensible(this.fill()); }
  preventExtensions(): boolean { return Reflect.preventExtensions(this.fill()); }
}

/** The vector that values are of. */
export class LazySource {
  readonly lengthOf: ((index: number) => number) | undefined;
  private latest: Value;
  private at = -1;

  constructor(readonly vector: Vector, readonly read: (index: number) => Value) {
    this.lengthOf = vector.kind === "list" ? (index) => vector.lengths[index] ?? 0 : undefined;
  }

  /** The value, which is remembered until the next is given or someone looks at it. */
  give(value: Value, index: number): Value {
    this.at = index;
    return this.latest = value;
  }

  looked(index: number): void { if (this.at === index) this.latest = undefined; }

  /** Whether the value is the one that was given last, at this index, and nobody has looked at it: as `isUntouched`, but without asking the value. */
  isLatest(value: unknown, index: number): boolean { return this.latest === value && this.at === index && value !== undefined; }
}

/** The plain value behind one that is made later, made now; any other object itself. */
export const made = (value: object): object => Handler.of(value)?.fill() ?? value;

/** Whether this is what the vector has at the index, and nobody has looked at it. */
export const isUntouched = (value: object, vector: Vector, index: number): boolean => Handler.of(value)?.isUntouched(vector, index) === true;

/** Reads the records of a vector. `sources`: by the position of the field, where its values are made later. */
export type LazyRecords = { readonly read: Read; readonly sources: readonly (LazySource | undefined)[] };

/** Reads records, plain, whose structs and lists are made later. */
export function lazyRecords(type: StructType): (vector: Vector) => LazyRecords {
  const lazy = type.fields.map((f) => (isLazy(f.type) ? lazyReader(f.type) : undefined)), plain = type.fields.map((f) => vectorReader(f.type, "plain"));
  return (vector) => {
    const opened = lazy.map((open, i) => { const field = vector.kind === "struct" ? vector.fields[i] : undefined; return open === undefined || field === undefined ? undefined : open(field); });
    const read = structOf(type, plain.map((open, i) => { const own = opened[i]; return own === undefined ? open : () => own.read; }))(vector);
    return { read, sources: opened.map((one) => one?.source) };
  };
}

/** Structs, lists and choices that have such. */
const isLazy = (type: DataType): boolean => (type.kind === "choice" ? type.choices.some(isLazy) : type.kind === "struct" || type.kind === "array" || type.kind === "set");

/** Reads a vector of such a type as `vectorReader` does in the form "plain", but later. */
function lazyReader(type: DataType): (vector: Vector) => { readonly source: LazySource; readonly read: Read } {
  const open = vectorReader(type, "plain");
  return (vector) => {
    let opened: Read | undefined;
    const read = (index: number): Value => (opened ??= open(vector))(index);
    const source = new LazySource(vector, read);
    return { source, read: type.kind === "choice" && vector.kind === "choice" ? armReader(type, vector.which, source) : partReader(type, vector, source) };
  };
}

function armReader({ choices }: ChoiceType, which: Uint8Array, source: LazySource): Read {
  const kinds = choices.map(({ kind }) => (kind === "struct" ? lazyStruct : kind === "array" || kind === "set" ? lazyList : undefined));
  return (index) => {
    const held = which[index] ?? ABSENT, make = kinds[held - PRESENT];
    return held === ABSENT ? undefined : held === NULL_HERE ? null : make === undefined ? source.read(index) : source.give(make(source, index), index);
  };
}

function partReader(type: DataType, vector: Vector, source: LazySource): Read {
  const make = type.kind === "struct" ? lazyStruct : lazyList, states = vector.kind === "struct" || vector.kind === "list" ? vector.states : undefined;
  return (index) => {
    const state = stateAt(states, index);
    return state === PRESENT ? source.give(make(source, index), index) : state === NULL_HERE ? null : undefined;
  };
}

function lazyStruct(source: LazySource, index: number): Value {
  const target = new LazyStruct() as unknown as Made;
  return new Proxy(target, new Handler(target, source, index)) as Value;
}

function lazyList(source: LazySource, index: number): Value {
  const target = new LazyList() as unknown as Made;
  return new Proxy(target, new Handler(target, source, index)) as unknown as Value;
}
