/** Finds the end of a DOCTYPE, with its subset in brackets, whose quotes and comments may hold anything. */
import { Buffer } from "node:buffer";

const LT = 0x3c;
const GT = 0x3e;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMENT = Buffer.from("<!--");
const COMMENT_END = Buffer.from("-->");

export class Doctype {
  private quote = 0;
  private brackets = 0;

  /** Goes on at `from`; `at` is the place behind its end, or where more bytes are needed. */
  read(bytes: Buffer, from: number): { readonly at: number; readonly ended: boolean } {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.quote !== 0) {
        if (byte === this.quote) this.quote = 0;
        continue;
      }
      if (byte === QUOTE || byte === APOSTROPHE) this.quote = byte;
      else if (byte === OPEN) this.brackets++;
      else if (byte === CLOSE) this.brackets--;
      else if (byte === LT) {
        if (bytes.length - at < COMMENT.length) return { at, ended: false };
        if (bytes.compare(COMMENT, 0, COMMENT.length, at, at + COMMENT.length) !== 0) continue;
        const end = bytes.indexOf(COMMENT_END, at);
        if (end < 0) return { at, ended: false };
        at = end + 2;
      } else if (byte === GT && this.brackets <= 0) return { at: at + 1, ended: true };
    }
    return { at: bytes.length, ended: false };
  }
}
