/**
 * Structs and lists that are made when they are first looked at: most functions look at few of the fields of a record. Until then nothing of
 * them is read, and what is given back untouched need not be compared. Whatever is done to them, they behave as the plain object or array
 * that they become; only `structuredClone` and its kind refuse them (docs/decisions/0127).
 */
import type { DataType, StructType } from "./data-type.js";
import { setField, type Value } from "./value.js";
import { structOf, vectorReader, type OpenVector } from "./vector-reader.js";
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

  constructor(private readonly target: Made, private readonly source: Source, private readonly index: number) {}

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
type Source = { readonly vector: Vector; readonly read: (index: number) => Value; readonly lengthOf: ((index: number) => number) | undefined };

/** The plain value behind one that is made later, made now; any other object itself. */
export const made = (value: object): object => Handler.of(value)?.fill() ?? value;

/** Whether this is what the vector has at the index, and nobody has looked at it. */
export const isUntouched = (value: object, vector: Vector, index: number): boolean => Handler.of(value)?.isUntouched(vector, index) === true;

/** Reads records, plain, whose structs and lists are made later. */
export const lazyRecords = (type: StructType): OpenVector => structOf(type, type.fields.map((f) => (isLazy(f.type) ? lazyReader(f.type) : vectorReader(f.type, "plain"))));

/** Structs, lists and choices that have such. */
const isLazy = (type: DataType): boolean => (type.kind === "choice" ? type.choices.some(isLazy) : type.kind === "struct" || type.kind === "array" || type.kind === "set");

/** Reads a vector of such a type as `vectorReader` does in the form "plain", but later. */
function lazyReader(type: DataType): OpenVector {
  const open = vectorReader(type, "plain");
  return (vector) => {
    let opened: ((index: number) => Value) | undefined;
    const read = (index: number): Value => (opened ??= open(vector))(index);
    const source: Source = { vector, read, lengthOf: lengths(vector) };
    if (type.kind === "choice" && vector.kind === "choice") {
      const { which } = vector, kinds = type.choices.map(({ kind }) => (kind === "struct" ? lazyStruct : kind === "array" || kind === "set" ? lazyList : undefined));
      return (index) => {
        const held = which[index] ?? ABSENT, make = kinds[held - PRESENT];
        return held === ABSENT ? undefined : held === NULL_HERE ? null : make === undefined ? read(index) : make(source, index);
      };
    }
    const make = type.kind === "struct" ? lazyStruct : lazyList, states = vector.kind === "struct" || vector.kind === "list" ? vector.states : undefined;
    return (index) => {
      const state = stateAt(states, index);
      return state === PRESENT ? make(source, index) : state === NULL_HERE ? null : undefined;
    };
  };
}

function lengths(vector: Vector): Source["lengthOf"] {
  return vector.kind === "list" ? (index) => vector.lengths[index] ?? 0 : undefined;
}

function lazyStruct(source: Source, index: number): Value {
  const target = new LazyStruct() as unknown as Made;
  return new Proxy(target, new Handler(target, source, index)) as Value;
}

function lazyList(source: Source, index: number): Value {
  const target = new LazyList() as unknown as Made;
  return new Proxy(target, new Handler(target, source, index)) as unknown as Value;
}
