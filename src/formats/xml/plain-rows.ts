/**
 * Rows as most are: tags, attributes and text, and nothing else, read from their bytes. What is unusual (entities,
 * comments, CDATA, carriage returns, names past ASCII, text in pieces, numbers that are a hazard, whatever is not
 * well-formed) is left to the XML parser, which decides alone what is wrong.
 */
import type { FlatRows } from "../../shapes/records/flat-rows.js";
import { TypedBytes } from "../typed-bytes.js";
import { characterLength } from "../utf8-fault.js";
import { isData, MAX_DEPTH, type RowOptions } from "./row-parser.js";
import { isSame, RowField, type Name } from "./row-fields.js";

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BRACKET = 0x5d;
/** Paths kept; rows with more go to the parser, which keeps none. */
const MAX_PATHS = 50_000;

/**
 * Bytes of text: as any other, the first of a character past ASCII or a bracket, or none of a plain row's (`<` ends the
 * text).
 */
const PLAIN = 0;
const LOOK = 1;
const STOP = 2;
const TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === LT || byte === 0x26 || (byte < 0x20 && byte !== 9 && byte !== 10)
    ? STOP
    : byte >= 0x80 || byte === BRACKET
      ? LOOK
      : PLAIN,
);
/** In values of attributes tabs and line ends become spaces, and < is an error. */
const VALUE = TEXT.map((kind, byte) =>
  byte === 9 || byte === 10 || byte === QUOTE || byte === APOSTROPHE ? STOP : byte === BRACKET ? PLAIN : kind,
);
/** Letters and `_` begin a name; digits, `.`, `-` and `:` go on with it. */
const NAME = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z_]/.test(String.fromCharCode(byte)) ? 1 : /[0-9.:-]/.test(String.fromCharCode(byte)) ? 2 : 0,
);

/** An open element. */
class Open {
  field: RowField | undefined;
  name: Name | undefined;
  entry = 0;
  /** Distinguishes it from all other elements. */
  number = 0;
  /** The last of its fields' first values. */
  lastField = 0;
  contentAt = 0;
  /** Its text so far, in pieces with elements between them. */
  pieces = 0;
  textStart = 0;
  textEnd = 0;
  blank = true;
  closedItself = false;

  begin(name: Name, entry: number, number: number): void {
    this.name = name;
    this.field = name.field;
    this.entry = entry;
    this.number = number;
    this.lastField = this.pieces = 0;
    this.blank = true;
    this.closedItself = false;
  }
}

export class PlainRows {
  /** Of the row last read. */
  entry = 0;
  private readonly root: Name;
  private readonly open: Open[] = [];
  private readonly typed = new TypedBytes();
  private bytes: Buffer = Buffer.alloc(0);
  private elements = 0;
  private paths = 0;
  private limit = 0;

  constructor(
    rowTag: string,
    private readonly options: RowOptions,
    private readonly rows: FlatRows,
  ) {
    this.root = { bytes: Buffer.from(rowTag), field: new RowField(rowTag, 0), seen: 0 };
  }

  /**
   * Adds the row that begins at `start` to the rows. Returns the place behind it, or -1, with nothing added: the row is
   * not a plain one, nests deeper than MAX_DEPTH, or goes on behind `limit`.
   */
  read(bytes: Buffer, start: number, limit: number): number {
    const { rows } = this;
    const { mark } = rows;
    this.bytes = bytes;
    this.limit = limit;
    // a look past the limit leads to an end past it
    const end = this.walk(start);
    if (end >= 0 && end <= limit) {
      this.entry = mark;
      return end;
    }
    rows.cut(mark);
    return -1;
  }

  private walk(start: number): number {
    const { bytes } = this;
    for (let at = start, depth = 0; ;) {
      if (bytes[at + 1] === SLASH) {
        at = this.endTag(at, this.opened(--depth));
        if (at < 0 || depth === 0) return at;
      } else {
        if (depth === MAX_DEPTH) return -1;
        const element = this.opened(depth);
        at = this.startTag(at, element, depth === 0 ? undefined : this.opened(depth - 1));
        if (at < 0) return -1;
        if (!element.closedItself) depth++;
        // the row itself is none then
        else if (depth === 0) return -1;
      }
      at = this.text(at, this.opened(depth - 1));
      if (at < 0) return -1;
    }
  }

  private opened(depth: number): Open {
    return (this.open[depth] ??= new Open());
  }

  /** The place behind the tag, or -1. */
  private startTag(tag: number, element: Open, parent: Open | undefined): number {
    const { bytes } = this;
    const end = this.pastName(tag + 1);
    if (end === tag + 1) return -1;
    const name = this.nameOf(tag + 1, end, parent?.field);
    if (name?.field === undefined) return -1;
    const entry = this.rows.add(name.field, tag);
    if (parent !== undefined) this.addTo(parent, name.field, entry);
    element.begin(name, entry, ++this.elements);
    for (let at = end; ;) {
      const next = this.pastSpace(at);
      const byte = bytes[next];
      if (byte === GT) {
        element.contentAt = next + 1;
        return next + 1;
      }
      if (byte === SLASH) {
        if (bytes[next + 1] !== GT) return -1;
        element.contentAt = next + 2;
        element.closedItself = true;
        return this.close(element, parent === undefined) ? next + 2 : -1;
      }
      if (next === at) return -1; // attributes are apart by white space
      at = this.attribute(next, element, name.field);
      if (at < 0) return -1;
    }
  }

  private nameOf(start: number, end: number, parent: RowField | undefined): Name | undefined {
    if (parent === undefined) return isSame(this.root.bytes, this.bytes, start, end) ? this.root : undefined;
    return parent.elements.find(this.bytes, start, end) ?? this.newName(parent, start, end);
  }

  private newName(parent: RowField, start: number, end: number): Name | undefined {
    if (end > this.limit || ++this.paths > MAX_PATHS) return undefined;
    const text = this.bytes.toString("latin1", start, end);
    return parent.elements.add(text, parent.below(text));
  }

  /** The place behind the attribute's value, or -1. */
  private attribute(start: number, element: Open, field: RowField): number {
    const { bytes } = this;
    const nameEnd = this.pastName(start);
    const equals = this.pastSpace(nameEnd);
    if (nameEnd === start || bytes[equals] !== EQUALS) return -1;
    const from = this.pastSpace(equals + 1) + 1;
    const quote = bytes[from - 1] ?? 0;
    if (quote !== QUOTE && quote !== APOSTROPHE) return -1;
    const name = field.attributes.find(bytes, start, nameEnd) ?? this.newAttribute(field, start, nameEnd);
    if (name === undefined || name.seen === element.number) return -1;
    name.seen = element.number;
    const end = this.pastValue(from, quote);
    if (end < 0) return -1;
    if (name.field === undefined) return end + 1;
    const entry = this.rows.add(name.field, start);
    this.addTo(element, name.field, entry);
    return this.setText(entry, from, end) ? end + 1 : -1;
  }

  private newAttribute(field: RowField, start: number, end: number): Name | undefined {
    if (end > this.limit || ++this.paths > MAX_PATHS) return undefined;
    const text = this.bytes.toString("latin1", start, end);
    return field.attributes.add(
      text,
      isData(text, this.options) ? field.below(this.options.attributePrefix + text) : undefined,
    );
  }

  /** The quote that ends the value, or -1. */
  private pastValue(from: number, quote: number): number {
    const { bytes } = this;
    for (let at = from; ;) {
      const byte = bytes[at] ?? 0;
      const kind = VALUE[byte] ?? STOP;
      if (byte === quote) return at;
      const length =
        kind === LOOK ? characterOf(bytes, at) : kind === PLAIN || byte === QUOTE || byte === APOSTROPHE ? 1 : 0;
      if (length === 0) return -1;
      at += length;
    }
  }

  /** The place behind the tag, or -1. */
  private endTag(tag: number, element: Open): number {
    const { bytes } = this;
    const name = element.name?.bytes ?? EMPTY;
    const start = tag + 2;
    for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return -1;
    const end = this.pastSpace(start + name.length);
    return bytes[end] === GT && this.close(element, element === this.open[0]) ? end + 1 : -1;
  }

  /** The next `<`, or -1. */
  private text(from: number, element: Open): number {
    const { bytes } = this;
    let at = from;
    for (;;) {
      const byte = bytes[at] ?? 0;
      const kind = TEXT[byte] ?? STOP;
      if (kind === PLAIN) {
        at++;
        continue;
      }
      if (kind === STOP) break;
      const length =
        byte !== BRACKET ? characterOf(bytes, at) : bytes[at + 1] === BRACKET && bytes[at + 2] === GT ? 0 : 1;
      if (length === 0) return -1;
      at += length;
    }
    if (bytes[at] !== LT || at >= this.limit) return -1;
    if (at === from) return at;
    element.pieces++;
    element.textStart = from;
    element.textEnd = at;
    element.blank &&= isBlank(bytes, from, at);
    return at;
  }

  /**
   * Without attributes and elements an element is its text, and null when it has none; text beside them is `valueTag`.
   * False: it is not plain.
   */
  private close(element: Open, isRow: boolean): boolean {
    const { rows } = this;
    const { entry, field, pieces } = element;
    if (element.lastField === 0 && !isRow)
      return pieces === 0 || this.setText(entry, element.textStart, element.textEnd);
    rows.setStruct(entry);
    if (element.blank || field === undefined) return true;
    if (pieces > 1) return false;
    const value = field.below(this.options.valueTag);
    const added = rows.add(value, element.contentAt);
    this.addTo(element, value, added);
    return this.setText(added, element.textStart, element.textEnd);
  }

  /** The second value of a name makes a list of both. */
  private addTo(element: Open, field: RowField, entry: number): void {
    const { rows } = this;
    if (field.owner === element.number) rows.append(field.first, field.last, entry);
    else {
      field.owner = element.number;
      field.first = entry;
      if (element.lastField === 0) rows.setChild(element.entry, entry);
      else rows.setSibling(element.lastField, entry);
      element.lastField = entry;
    }
    field.last = entry;
  }

  /** False: a hazard. */
  private setText(entry: number, from: number, to: number): boolean {
    const { bytes, typed } = this;
    const { treatEmptyValuesAsNulls, ignoreSurroundingSpaces } = this.options;
    if (treatEmptyValuesAsNulls && isBlank(bytes, from, to)) return true;
    let start = from;
    let end = to;
    if (ignoreSurroundingSpaces) {
      while (start < end && isSpace(bytes[start])) start++;
      while (start < end && isSpace(bytes[end - 1])) end--;
    }
    const tag = typed.tagOf(bytes, start, end);
    if (tag < 0) return false;
    this.rows.setText(entry, tag, start, end, typed.number);
    return true;
  }

  private pastSpace(from: number): number {
    let at = from;
    while (isSpace(this.bytes[at])) at++;
    return at;
  }

  private pastName(from: number): number {
    const { bytes } = this;
    if (NAME[bytes[from] ?? 0] !== 1) return from;
    let at = from + 1;
    while (NAME[bytes[at] ?? 0] !== 0) at++;
    return at;
  }
}

/** Bytes of the character there; 0 for none of UTF-8, and for U+FFFE and U+FFFF, which XML has not. */
const characterOf = (bytes: Buffer, at: number): number =>
  bytes[at] === 0xef && bytes[at + 1] === 0xbf && (bytes[at + 2] ?? 0) >= 0xbe ? 0 : characterLength(bytes, at);

const EMPTY = Buffer.alloc(0);

/** A carriage return is left to the parser wherever it is. */
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 10 || byte === 9;

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!isSpace(bytes[at])) return false;
  return true;
}
