/**
 * Finds the row elements of an XML document in a stream of bytes, without reading what is in them: a lexer of tags,
 * comments, CDATA, instructions and DOCTYPE. So a row that is malformed costs itself only, and no more is held than the
 * row in hand.
 */
import { Buffer } from "node:buffer";
import { Doctype } from "./doctype.js";

/** A place where the document is broken; `code` as in the ledger. */
export type RowFault = {
  readonly offset: number;
  readonly end: number;
  readonly code: string;
  readonly reason: string;
};

export type RowHandler = {
  /**
   * The bytes of one row element, from `start` to `end` of the block, which is the same until `room` is asked for;
   * `offset` is in the file.
   */
  readonly row: (block: Buffer, start: number, end: number, offset: number) => void;
  /**
   * As `row`, of one that begins at `start` and may be whole before `limit`: the place behind it if it is and was read,
   * else -1.
   */
  readonly attempt: (block: Buffer, start: number, limit: number, offset: number) => number;
  /** A row element that closes itself. */
  readonly selfClosing: (offset: number) => void;
  /** `head`: the first bytes of what is broken, as far as they are at hand. */
  readonly fault: (fault: RowFault, head: Uint8Array) => void;
};

type State = "text" | "start" | "end" | "comment" | "cdata" | "instruction" | "doctype";
type Span = { readonly start: number; readonly end: number };
/** An open element of the row's name: the row itself, or one of that name inside. */
type Open = { readonly start: number; readonly inner: Span[] };

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const ENDS = { comment: Buffer.from("-->"), cdata: Buffer.from("]]>"), instruction: Buffer.from("?>") } as const;
const COMMENT = Buffer.from("<!--");
const CDATA = Buffer.from("<![CDATA[");
const START_BLOCK = 256 << 10;
/**
 * Behind what is read are zeros, at which every look for the end of something stops, and a `<`, at which searches for
 * one do.
 */
const SLACK = 16;
/** Names of open elements around rows; a document that nests deeper is not followed further. */
const MAX_AROUND = 10_000;
const HEAD_BYTES = 4000;

export class RowSplitter {
  private block = Buffer.alloc(START_BLOCK + SLACK);
  private have = 0;
  private at = 0;
  private state: State = "text";
  /** Start of the construct in hand, in the block. */
  private from = 0;
  private quote = 0;
  private doctype = new Doctype();
  private readonly rows: Open[] = [];
  private readonly around: string[] = [];
  /** The row in hand is past `maxRow`: its bytes are dropped. */
  private skipping = false;
  private truncated = false;
  /** An element was met, or a fault told: else a file with content is no XML. */
  private seen = false;
  /** The first bytes that are no white space, until then. */
  private head: Buffer | undefined;
  private readonly rowName: Uint8Array;
  private readonly start: number;

  /** `base`: file offset of the block's first byte. */
  constructor(
    private readonly rowTag: string,
    private base: number,
    private readonly maxRow: number,
    private readonly on: RowHandler,
  ) {
    this.rowName = Buffer.from(rowTag);
    this.start = base;
  }

  /** Where the next bytes go. What rows were in is gone then. */
  room(): Uint8Array {
    this.compact();
    const size = this.block.length - SLACK;
    if (this.have === size) {
      const grown = Buffer.allocUnsafe(2 * size + SLACK);
      this.block.copy(grown, 0, 0, this.have);
      this.block = grown;
    }
    return this.block.subarray(this.have, this.block.length - SLACK);
  }

  /** Scans the bytes put into `room()`. */
  took(count: number): void {
    this.have += count;
    if (!this.seen) this.head ??= this.firstBytes();
    this.scan(false);
    this.dropOversized();
  }

  /** The stream is over: what is still open is broken. */
  end(): void {
    this.scan(true);
    const end = this.base + this.have;
    if (this.rows.length > 0) this.breakRows(end);
    else if (this.state !== "text")
      this.fault(this.base + this.from, end, "TRUNCATED", `the document ends inside a ${NAMES[this.state]}`);
    else if (!this.seen && this.head !== undefined)
      this.on.fault(
        { offset: this.start, end, code: "INVALID_XML", reason: "expected an XML document, found no element" },
        this.head,
      );
    if (this.around.length > 0 && !this.truncated)
      this.fault(end, end, "TRUNCATED", `the document ends inside <${this.around.at(-1) ?? ""}>`);
  }

  /** Undefined where all is white space. */
  private firstBytes(): Buffer | undefined {
    for (let i = this.at; i < this.have; i++)
      if (!isSpace(this.block[i] ?? 0)) return Buffer.from(this.block.subarray(i, Math.min(this.have, i + HEAD_BYTES)));
    return undefined;
  }

  private scan(last: boolean): void {
    this.block.fill(0, this.have, this.have + SLACK - 1);
    this.block[this.have + SLACK - 1] = LT;
    while (this.at < this.have) if (!this.step(last)) return;
  }

  /** Goes past one construct; false when more bytes are needed. */
  private step(last: boolean): boolean {
    switch (this.state) {
      case "text":
        return this.text(last);
      case "start":
      case "end":
        return this.tag();
      case "comment":
      case "cdata":
      case "instruction":
        return this.upTo(ENDS[this.state]);
      case "doctype":
        return this.inDoctype();
    }
  }

  private text(last: boolean): boolean {
    const found = this.block.indexOf(LT, this.at);
    if (found >= this.have) {
      this.at = this.have;
      return true;
    }
    this.at = found;
    if (this.have - found < CDATA.length && !last) return false;
    this.from = found;
    this.quote = 0;
    const next = this.block[found + 1] ?? 0;
    if (found + 1 >= this.have) this.begin("start", 1);
    else if (next === SLASH) this.begin("end", 2);
    else if (next === QUESTION) this.begin("instruction", 2);
    else if (next === BANG) this.declaration();
    else if (isNameStart(next)) {
      if (!this.readRow(found)) this.begin("start", 1);
    } else this.at = found + 1; // a bare <, which the row's parser reports
    return true;
  }

  /** Most rows are read as soon as they are met. */
  private readRow(start: number): boolean {
    if (this.rows.length > 0 || !this.isRowTag(start + 1)) return false;
    const end = this.on.attempt(this.block, start, Math.min(this.have, start + this.maxRow), this.base + start);
    if (end < 0) return false;
    this.seen = true;
    this.at = end;
    return true;
  }

  private declaration(): void {
    if (this.startsWith(COMMENT)) this.begin("comment", COMMENT.length);
    else if (this.startsWith(CDATA)) this.begin("cdata", CDATA.length);
    else {
      this.doctype = new Doctype();
      this.begin("doctype", 2);
    }
  }

  private begin(state: State, length: number): void {
    this.state = state;
    this.at = this.from + length;
  }

  private startsWith(prefix: Buffer): boolean {
    if (this.have - this.from < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) if (this.block[this.from + i] !== prefix[i]) return false;
    return true;
  }

  private upTo(end: Buffer): boolean {
    const found = this.block.subarray(0, this.have).indexOf(end, this.at);
    if (found < 0) {
      this.at = Math.max(this.at, this.have - end.length + 1);
      return false;
    }
    this.at = found + end.length;
    this.state = "text";
    return true;
  }

  private tag(): boolean {
    const { block, have } = this;
    let i = this.at;
    for (; i < have; i++) {
      const byte = block[i] ?? 0;
      if (byte === LT) return this.brokenTag(i);
      if (this.quote !== 0) {
        if (byte === this.quote) this.quote = 0;
      } else if (byte === GT) break;
      else if (byte === QUOTE || byte === APOSTROPHE) this.quote = byte;
    }
    this.at = i;
    if (i === have) return false;
    this.at = i + 1;
    const closing = this.state === "end";
    this.state = "text";
    const start = this.from + (closing ? 2 : 1);
    // in a row only tags of its own name matter
    if (this.rows.length > 0 && !this.isRowTag(start)) return true;
    const name = this.nameAt(start, i);
    if (closing) this.closed(name);
    else this.opened(name, block[i - 1] === SLASH);
    return true;
  }

  private isRowTag(start: number): boolean {
    const { block, rowName } = this;
    for (let i = 0; i < rowName.length; i++) if (block[start + i] !== rowName[i]) return false;
    return isNameEnd(block[start + rowName.length] ?? 0);
  }

  /** `<` is not allowed in a tag, so the tag was none; what follows may be one. */
  private brokenTag(at: number): true {
    this.state = "text";
    this.at = at;
    if (this.rows.length === 0)
      this.fault(this.base + this.from, this.base + at, "INVALID_XML", "a tag is not closed before the next <");
    return true;
  }

  private nameAt(start: number, limit: number): string {
    let end = start;
    while (end < limit && !isNameEnd(this.block[end] ?? 0)) end++;
    return this.block.toString("utf8", start, end);
  }

  private opened(name: string, selfClosing: boolean): void {
    const start = this.base + this.from;
    this.seen = true;
    if (name === this.rowTag) {
      if (!selfClosing) this.rows.push({ start, inner: [] });
      else if (this.rows.length === 0) this.on.selfClosing(start);
    } else if (this.rows.length === 0 && !selfClosing && this.around.length < MAX_AROUND) this.around.push(name);
  }

  private closed(name: string): void {
    const end = this.base + this.at;
    if (this.rows.length === 0) return this.closedAround(name, end);
    if (name !== this.rowTag) return;
    const open = this.rows.pop();
    if (open === undefined) return;
    const outer = this.rows.at(-1);
    if (outer) {
      outer.inner.push({ start: open.start, end });
      return;
    }
    if (this.skipping) this.fault(open.start, end, "RECORD_TOO_LARGE", `the row is larger than ${this.maxRow} bytes`);
    else this.row({ start: open.start, end });
    this.skipping = false;
  }

  private closedAround(name: string, end: number): void {
    const depth = this.around.lastIndexOf(name);
    if (depth === this.around.length - 1 && depth >= 0) {
      this.around.pop();
      return;
    }
    const open = this.around.at(-1);
    this.fault(
      this.base + this.from,
      end,
      "INVALID_XML",
      open === undefined ? `</${name}> closes nothing` : `</${name}> where </${open}> is expected`,
    );
    if (depth >= 0) this.around.length = depth;
  }

  private inDoctype(): boolean {
    const { at, ended } = this.doctype.read(this.block.subarray(0, this.have), this.at);
    this.at = at;
    if (ended) this.state = "text";
    return ended;
  }

  private row({ start, end }: Span): void {
    this.on.row(this.block, start - this.base, end - this.base, start);
  }

  private fault(offset: number, end: number, code: string, reason: string): void {
    this.seen = true;
    this.truncated ||= code === "TRUNCATED";
    const from = Math.max(0, offset - this.base);
    this.on.fault(
      { offset, end, code, reason },
      this.block.subarray(from, Math.min(this.have, end - this.base, from + HEAD_BYTES)),
    );
  }

  /**
   * Rows that never close: each is broken up to the next one, and rows of the same name inside them that do close are
   * kept.
   */
  private breakRows(end: number): void {
    const inner = this.skipping ? [] : this.rows.flatMap((open) => open.inner);
    const found = [...this.rows.map(({ start }) => ({ start, end: undefined })), ...inner].sort(
      (a, b) => a.start - b.start,
    );
    found.forEach((span, i) => {
      if (span.end === undefined)
        this.fault(
          span.start,
          found[i + 1]?.start ?? end,
          "TRUNCATED",
          `expected </${this.rowTag}>, found the end of the document`,
        );
      else this.row({ start: span.start, end: span.end });
    });
  }

  private dropOversized(): void {
    const [row] = this.rows;
    const held = row ? this.base + this.have - row.start : this.have - this.from;
    if (held <= this.maxRow) return;
    if (row) {
      this.skipping = true;
      row.inner.length = 0;
    } else if (this.state === "start" || this.state === "end") {
      this.fault(
        this.base + this.from,
        this.base + this.have,
        "RECORD_TOO_LARGE",
        `a tag is larger than ${this.maxRow} bytes`,
      );
      this.state = "text";
      this.at = this.have;
    }
  }

  /** Drops what is read. */
  private compact(): void {
    const [row] = this.rows;
    const inTag = this.state === "start" || this.state === "end";
    const keep = row && !this.skipping ? row.start - this.base : inTag ? this.from : this.at;
    if (keep <= 0) return;
    this.block.copyWithin(0, keep, this.have);
    this.have -= keep;
    this.at -= keep;
    // of what is dropped only the place is kept; it may be before the block
    this.from -= keep;
    this.base += keep;
  }
}

const NAMES: { readonly [S in State]: string } = {
  text: "text",
  start: "tag",
  end: "tag",
  comment: "comment",
  cdata: "CDATA section",
  instruction: "processing instruction",
  doctype: "DOCTYPE",
};

/** A letter, `_`, `:` or any byte of a character past ASCII. */
const isNameStart = (byte: number): boolean =>
  (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte === 0x3a || byte >= 0x80;
const isNameEnd = (byte: number): boolean => byte <= 0x20 || byte === SLASH || byte === GT;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
