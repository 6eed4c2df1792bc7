/** Cuts a stream of bytes into lines, one at a time; a line past `maxLine` is told of and dropped. */
export type LineHandler = {
  /** Without its end (`\n` or `\r\n`). A view that is good until `pieceEnds`. */
  readonly line: (bytes: Buffer, offset: number) => void;
  /** `head`: the first bytes of the line. */
  readonly tooLong: (offset: number, end: number, head: Uint8Array) => void;
  /** The lines at hand are all given; their views are good until this returns. */
  readonly pieceEnds: () => void;
};

// what is made of the lines of one block is gone before the next: of 256 KB it outlived the collector's young space
const START_BLOCK = 64 << 10;
const HEAD_BYTES = 4000;
const NEWLINE = 10;
const RETURN = 13;

export class LineSplitter {
  /** One byte longer than what it holds: searches end at a newline behind that. */
  private block = Buffer.allocUnsafe(START_BLOCK + 1);
  private have = 0;
  private searched = 0;
  /** Of a line that is dropped: where it began, and its first bytes. */
  private dropped: { readonly offset: number; readonly head: Uint8Array } | undefined;

  /** `base`: file offset of the block's first byte. */
  constructor(
    private base: number,
    private readonly maxLine: number,
    private readonly on: LineHandler,
  ) {}

  /** Where the next bytes go. */
  room(): Uint8Array {
    const size = this.block.length - 1;
    if (this.have === size) {
      const grown = Buffer.allocUnsafe(2 * size + 1);
      this.block.copy(grown, 0, 0, this.have);
      this.block = grown;
    }
    return this.block.subarray(this.have, this.block.length - 1);
  }

  /** Takes the lines out of the bytes put into `room()`. */
  took(count: number): void {
    this.have += count;
    this.block[this.have] = NEWLINE;
    let start = 0;
    for (;;) {
      const end = this.block.indexOf(NEWLINE, Math.max(start, this.searched));
      if (end >= this.have) break;
      this.give(start, end);
      start = this.searched = end + 1;
    }
    if (this.have - start > this.maxLine) {
      this.dropped ??= {
        offset: this.base + start,
        head: Uint8Array.from(this.block.subarray(start, start + HEAD_BYTES)),
      };
      start = this.have;
    }
    this.on.pieceEnds();
    this.block.copyWithin(0, start, this.have);
    this.have -= start;
    this.base += start;
    this.searched = this.have;
  }

  /** The stream is over: the last line needs no end. */
  end(): void {
    if (this.have > 0 || this.dropped) this.give(0, this.have);
    this.on.pieceEnds();
    this.have = 0;
  }

  private give(start: number, newline: number): void {
    const { dropped } = this;
    if (dropped || newline - start > this.maxLine) {
      const { offset, head } = dropped ?? {
        offset: this.base + start,
        head: this.block.subarray(start, start + HEAD_BYTES),
      };
      this.dropped = undefined;
      return this.on.tooLong(offset, this.base + newline, head);
    }
    const end = newline > start && this.block[newline - 1] === RETURN ? newline - 1 : newline;
    this.on.line(this.block.subarray(start, end), this.base + start);
  }
}
