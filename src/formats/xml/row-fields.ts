/** The paths of elements and attributes met so far, found again by the bytes of their names. */
import type { FlatField } from "../../shapes/records/flat-rows.js";

/** Names tried in the order they came in before: elements mostly follow each other as in the row before. */
const TRIES = 8;

/** A name as it stands, and the field it means; no field for what is no data. */
export type Name = {
  readonly bytes: Buffer;
  readonly field: RowField | undefined;
  /** The element that had the attribute last. */ seen: number;
};

class NameTable {
  private readonly names: Name[] = [];
  private readonly places = new Map<string, number>();
  private expected = 0;

  find(bytes: Buffer, start: number, end: number): Name | undefined {
    const { names } = this;
    for (let tries = Math.min(TRIES, names.length); tries > 0; tries--) {
      if (this.expected >= names.length) this.expected = 0;
      const name = names[this.expected++];
      if (name !== undefined && isSame(name.bytes, bytes, start, end)) return name;
    }
    if (names.length <= TRIES) return undefined;
    const place = this.places.get(bytes.toString("latin1", start, end));
    if (place === undefined) return undefined;
    this.expected = place + 1;
    return names[place];
  }

  add(text: string, field: RowField | undefined): Name {
    const name = { bytes: Buffer.from(text), field, seen: 0 };
    this.places.set(text, this.names.length);
    this.names.push(name);
    return name;
  }
}

/** True if the name is that of the bytes from `start` to `end`. */
export function isSame(name: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const { length } = name;
  if (length !== end - start) return false;
  for (let i = 0; i < length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

/** A field of the rows, or the row itself. */
export class RowField implements FlatField {
  readonly elements = new NameTable();
  readonly attributes = new NameTable();
  private readonly fields = new Map<string, RowField>();
  /** The element that holds values of this field last met, the first of them and the last. */
  owner = 0;
  first = 0;
  last = 0;

  constructor(
    readonly name: string,
    readonly index: number,
  ) {}

  /** The field below of that name: an attribute and an element may share it. */
  below(name: string): RowField {
    let field = this.fields.get(name);
    if (field === undefined) this.fields.set(name, (field = new RowField(name, this.fields.size)));
    return field;
  }
}
