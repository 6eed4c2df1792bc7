/**
 * The frames of a zstd stream (RFC 8878 §3.1), walked beside the unpacking, which tells nothing of them: where each
 * ends, what guards it, what memory it asks for.
 */

export type ZstdFrame = {
  /** Blocks met so far. */
  blocks: number;
  readonly summed: boolean;
  /** The check sum behind it, low half of XXH64; undefined until it was met. */
  sum: number | undefined;
  /** All of it was met, its check sum too. */
  ended: boolean;
};

const MAGIC = 0xfd2fb528;
const SKIPPED = 0x184d2a50;
/** Of a frame's header; the longest. */
const HEADER = 18;

type Part = "magic" | "descriptor" | "header" | "block" | "body" | "sum" | "skipped size" | "skipped" | "foreign";

export class ZstdFrames {
  /** Frames that are not told done yet, the last of them the one in hand. */
  readonly frames: ZstdFrame[] = [];
  private part: Part = "magic";
  private readonly small = new Uint8Array(HEADER);
  private readonly view = new DataView(this.small.buffer);
  private held = 0;
  private need = 4;
  /** Bytes to go past. */
  private left = 0;
  private last = false;

  constructor(private readonly maxWindow: number) {}

  /**
   * Undefined when all bytes were walked; else where in them, or before, a frame begins that asks for more than
   * `maxWindow`.
   */
  walk(bytes: Uint8Array): number | undefined {
    for (let at = 0; at < bytes.length;) {
      if (this.part === "foreign") return undefined;
      if (this.left > 0) {
        const count = Math.min(this.left, bytes.length - at);
        at += count;
        this.left -= count;
        if (this.left === 0) this.wentPast();
        continue;
      }
      this.small[this.held++] = bytes[at++] ?? 0;
      if (this.held === this.need && !this.met()) return Math.max(0, at - this.held);
    }
    return undefined;
  }

  /** The bytes so far end inside a frame, or what should be one. */
  get midway(): boolean {
    return this.part !== "foreign" && (this.part !== "magic" || this.held > 0);
  }

  private expect(part: Part, need: number, held = 0): void {
    this.part = part;
    this.need = need;
    this.held = held;
  }

  /** What was needed is held; false for a window that is too large. */
  private met(): boolean {
    const { part, small, view } = this;
    switch (part) {
      case "magic": {
        const magic = view.getUint32(0, true);
        if (magic === MAGIC) this.expect("descriptor", 5, 4);
        else if ((magic & ~15) >>> 0 === SKIPPED) this.expect("skipped size", 8, 4);
        else this.expect("foreign", 0); // the unpacking says so
        return true;
      }
      case "descriptor":
        this.expect("header", headerLength(small[4] ?? 0), 5);
        return true;
      case "header":
        if (windowOf(view) > this.maxWindow) return false;
        this.frames.push({ blocks: 0, summed: ((small[4] ?? 0) & 4) !== 0, sum: undefined, ended: false });
        this.expect("block", 3);
        return true;
      case "block": {
        const head = (small[0] ?? 0) | ((small[1] ?? 0) << 8) | ((small[2] ?? 0) << 16);
        const size = head >> 3;
        const frame = this.frames.at(-1);
        if (frame !== undefined) frame.blocks++;
        this.last = (head & 1) !== 0;
        // a block of one byte over and over
        this.left = ((head >> 1) & 3) === 1 ? 1 : size;
        this.expect("body", 0);
        if (this.left === 0) this.wentPast();
        return true;
      }
      case "sum":
        this.endFrame(view.getUint32(0, true));
        return true;
      case "skipped size":
        this.left = view.getUint32(4, true);
        this.expect("skipped", 0);
        if (this.left === 0) this.wentPast();
        return true;
      case "body":
      case "skipped":
      case "foreign":
        return true;
    }
  }

  private wentPast(): void {
    if (this.part === "skipped") this.expect("magic", 4);
    else if (!this.last) this.expect("block", 3);
    else if (this.frames.at(-1)?.summed === true) this.expect("sum", 4);
    else this.endFrame(undefined);
  }

  private endFrame(sum: number | undefined): void {
    const frame = this.frames.at(-1);
    if (frame !== undefined) {
      frame.sum = sum;
      frame.ended = true;
    }
    this.expect("magic", 4);
  }
}

/** Bytes of a header with this descriptor (§3.1.1.1). */
function headerLength(descriptor: number): number {
  const single = (descriptor >> 5) & 1;
  const dictionary = descriptor & 3;
  const size = descriptor >> 6;
  return 5 + (single === 1 ? 0 : 1) + (dictionary === 3 ? 4 : dictionary) + (size === 0 ? single : 1 << size);
}

/** Bytes of the window that a header asks for; that of a single segment is its content. */
function windowOf(header: DataView): number {
  const descriptor = header.getUint8(4);
  const dictionary = descriptor & 3;
  if ((descriptor & 0x20) === 0) {
    const window = header.getUint8(5);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const at = 5 + (dictionary === 3 ? 4 : dictionary);
  switch (descriptor >> 6) {
    case 2:
      return header.getUint32(at, true);
    case 3:
      return Number(header.getBigUint64(at, true));
    default:
      return 0;
  }
}
