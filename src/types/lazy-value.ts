/**
 * Structs and lists that are made when they are first looked at: most functions look at few of the fields of a record.
 * Until then nothing of them is read, and what is given back untouched need not be compared. Whatever is done to them,
 * they behave as the plain object or array that they become; only `structuredClone` and its kind refuse them
 * (docs/decisions/0127).
 */
import type { ChoiceType, DataType, StructType } from "./data-type.js";
import { setField, type Value } from "./value.js";
import type { Read } from "./struct-maker.js";
import { structOf, vectorReader } from "./vector-reader.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type Vector } from "./vector.js";

type Made = { [name: PropertyKey]: unknown };
/** What is asked of one of them for what is behind it; no other object knows it. */
const BEHIND = Symbol("lazy");
/** The index of its value, until someone looks at it: then it is taken away, before any trap could tell of it. */
const INDEX = Symbol("index");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** The target of a proxy. Prints look at it, past the handler: an empty one sends them back. */
class LazyStruct {
  [INDEX]?: number;
  constructor(index: number) {
    this[INDEX] = index;
  }
  [INSPECT](): unknown {
    return { ...this };
  }
}
class LazyList extends Array<unknown> {
  [INDEX]?: number;
  constructor(index: number) {
    super();
    this[INDEX] = index;
  }
  [INSPECT](): unknown {
    return Array.from(this);
  }
}
type Target = LazyStruct | LazyList;

class Behind {
  constructor(
    readonly source: LazySource,
    readonly target: Target,
  ) {}

  static of(value: object): Behind | undefined {
    const found = (value as { readonly [BEHIND]?: unknown })[BEHIND];
    return found instanceof Behind ? found : undefined;
  }
}

/** The vector that values are of, and the handler of all of them. */
export class LazySource implements ProxyHandler<Target> {
  private readonly lengthOf: ((index: number) => number) | undefined;
  private latest: Value;
  private at = -1;

  constructor(
    readonly vector: Vector,
    readonly read: (index: number) => Value,
  ) {
    this.lengthOf = vector.kind === "list" ? (index) => vector.lengths[index] ?? 0 : undefined;
  }

  /** The value, which is remembered until the next is given or someone looks at it. */
  give(target: Target, index: number): Value {
    this.at = index;
    return (this.latest = new Proxy(target, this) as unknown as Value);
  }

  /**
   * Whether the value is the one that was given last, at this index, and nobody has looked at it: as `isUntouched`, but
   * without asking the value.
   */
  isLatest(value: unknown, index: number): boolean {
    return this.latest === value && this.at === index && value !== undefined;
  }

  /** The plain value itself. */
  fill(lazy: Target): Made {
    const index = lazy[INDEX];
    const target = lazy as unknown as Made;
    if (index === undefined) return target;
    delete lazy[INDEX];
    if (this.at === index) this.latest = undefined;
    const made = this.read(index);
    if (Array.isArray(made)) {
      Object.setPrototypeOf(target, Array.prototype);
      for (const item of made as readonly Value[]) (target as unknown as unknown[]).push(item);
    } else {
      Object.setPrototypeOf(target, Object.prototype);
      for (const [name, value] of Object.entries(made as { readonly [name: string]: Value }))
        setField(target, name, value);
    }
    return target;
  }

  get(target: Target, name: PropertyKey): unknown {
    if (name === BEHIND) return new Behind(this, target);
    const index = target[INDEX];
    if (name === "length" && index !== undefined && this.lengthOf !== undefined) return this.lengthOf(index);
    return this.fill(target)[name];
  }
  set(target: Target, name: PropertyKey, value: unknown, receiver: unknown): boolean {
    return Reflect.set(this.fill(target), name, value, receiver);
  }
  has(target: Target, name: PropertyKey): boolean {
    return name in this.fill(target);
  }
  deleteProperty(target: Target, name: PropertyKey): boolean {
    return Reflect.deleteProperty(this.fill(target), name);
  }
  defineProperty(target: Target, name: PropertyKey, property: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.fill(target), name, property);
  }
  getOwnPropertyDescriptor(target: Target, name: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.fill(target), name);
  }
  ownKeys(target: Target): (string | symbol)[] {
    return Reflect.ownKeys(this.fill(target));
  }
  getPrototypeOf(target: Target): object | null {
    return Reflect.getPrototypeOf(this.fill(target));
  }
  setPrototypeOf(target: Target, prototype: object | null): boolean {
    return Reflect.setPrototypeOf(this.fill(target), prototype);
  }
  isExtensible(target: Target): boolean {
    return Reflect.isExtensible(this.fill(target));
  }
  preventExtensions(target: Target): boolean {
    return Reflect.preventExtensions(this.fill(target));
  }
}

/** The plain value behind one that is made later, made now; any other object itself. */
export function made(value: object): object {
  const behind = Behind.of(value);
  return behind === undefined ? value : behind.source.fill(behind.target);
}

/** Whether this is what the vector has at the index, and nobody has looked at it. */
export function isUntouched(value: object, vector: Vector, index: number): boolean {
  const behind = Behind.of(value);
  return behind !== undefined && behind.target[INDEX] === index && behind.source.vector === vector;
}

/** Reads the records of a vector. `sources`: by the position of the field, where its values are made later. */
export type LazyRecords = { readonly read: Read; readonly sources: readonly (LazySource | undefined)[] };

/** Reads records, plain, whose structs and lists are made later. */
export function lazyRecords(type: StructType): (vector: Vector) => LazyRecords {
  const lazy = type.fields.map((f) => (isLazy(f.type) ? lazyReader(f.type) : undefined));
  const plain = type.fields.map((f) => vectorReader(f.type, "plain"));
  return (vector) => {
    const opened = lazy.map((open, i) => {
      const field = vector.kind === "struct" ? vector.fields[i] : undefined;
      return open === undefined || field === undefined ? undefined : open(field);
    });
    const read = structOf(
      type,
      plain.map((open, i) => {
        const own = opened[i];
        return own === undefined ? open : () => own.read;
      }),
    )(vector);
    return { read, sources: opened.map((one) => one?.source) };
  };
}

/** Structs, lists and choices that have such. */
const isLazy = (type: DataType): boolean =>
  type.kind === "choice"
    ? type.choices.some(isLazy)
    : type.kind === "struct" || type.kind === "array" || type.kind === "set";

/** Reads a vector of such a type as `vectorReader` does in the form "plain", but later. */
function lazyReader(type: DataType): (vector: Vector) => { readonly source: LazySource; readonly read: Read } {
  const open = vectorReader(type, "plain");
  return (vector) => {
    let opened: Read | undefined;
    const read = (index: number): Value => (opened ??= open(vector))(index);
    const source = new LazySource(vector, read);
    return {
      source,
      read:
        type.kind === "choice" && vector.kind === "choice"
          ? armReader(type, vector.which, source)
          : partReader(type, vector, source),
    };
  };
}

function armReader({ choices }: ChoiceType, which: Uint8Array, source: LazySource): Read {
  const targets = choices.map(targetOf);
  return (index) => {
    const held = which[index] ?? ABSENT;
    const Lazy = targets[held - PRESENT];
    return held === ABSENT
      ? undefined
      : held === NULL_HERE
        ? null
        : Lazy === undefined
          ? source.read(index)
          : source.give(new Lazy(index), index);
  };
}

function partReader(type: DataType, vector: Vector, source: LazySource): Read {
  const Lazy = targetOf(type) ?? LazyList;
  const states = vector.kind === "struct" || vector.kind === "list" ? vector.states : undefined;
  return (index) => {
    const state = stateAt(states, index);
    return state === PRESENT ? source.give(new Lazy(index), index) : state === NULL_HERE ? null : undefined;
  };
}

const targetOf = ({ kind }: DataType): (new (index: number) => Target) | undefined =>
  kind === "struct" ? LazyStruct : kind === "array" || kind === "set" ? LazyList : undefined;
