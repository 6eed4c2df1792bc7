/**
 * Rows as most are: tags, attributes and text, and nothing else. What is unusual (entities, comments, CDATA, carriage returns, names
 * past ASCII, whatever is not well-formed) is left to the XML parser, which decides alone what is wrong.
 */

/** What a row is made of, in order; places are characters from its start. */
export type RowEvents = {
  readonly opened: (name: string, at: number) => void;
  /** `at`: where its name begins. */
  readonly attribute: (name: string, value: string, at: number) => void;
  /** The start tag ends before `at`. */
  readonly content: (at: number) => void;
  readonly characters: (text: string) => void;
  readonly closed: () => void;
};

/** Entities, line ends that XML changes, characters that it does not have, declarations, and the end of a CDATA section in text. */
const UNUSUAL = /[&\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|<[!?]|\]\]>/;
const GT = 0x3e, SLASH = 0x2f, EQUALS = 0x3d, QUOTE = 0x22, APOSTROPHE = 0x27;

/** False: the row is not a plain one, or nests deeper than `maxDepth`; what was told of it so far does not count. */
export function readPlainRow(text: string, maxDepth: number, on: RowEvents): boolean {
  if (UNUSUAL.test(text)) return false;
  const open: string[] = [];
  for (let at = 0; at >= 0 && at < text.length;) {
    const tag = text.indexOf("<", at);
    if (tag < 0 || (tag > at && open.length === 0)) return false;
    if (tag > at) on.characters(text.slice(at, tag));
    if (text.charCodeAt(tag + 1) !== SLASH) { at = open.length < maxDepth ? startTag(text, tag, open, on) : -1; continue; }
    const name = open.pop();
    if (name === undefined || !text.startsWith(name, tag + 2)) return false;
    const end = pastSpace(text, tag + 2 + name.length);
    if (text.charCodeAt(end) !== GT) return false;
    on.closed();
    at = end + 1;
    if (open.length === 0) return at === text.length;
  }
  return false;
}

/** The place behind the tag, or -1. */
function startTag(text: string, tag: number, open: string[], on: RowEvents): number {
  let at = pastName(text, tag + 1);
  if (at === tag + 1) return -1;
  const name = text.slice(tag + 1, at);
  on.opened(name, tag);
  for (const seen: string[] = [];;) {
    const next = pastSpace(text, at), c = text.charCodeAt(next);
    if (c === GT) { on.content(next + 1); open.push(name); return next + 1; }
    if (c === SLASH) {
      if (open.length === 0 || text.charCodeAt(next + 1) !== GT) return -1;
      on.content(next + 2);
      on.closed();
      return next + 2;
    }
    if (next === at) return -1; // attributes are apart by white space
    at = attribute(text, next, seen, on);
    if (at < 0) return -1;
  }
}

/** The place behind the attribute's value, or -1. */
function attribute(text: string, start: number, seen: string[], on: RowEvents): number {
  const nameEnd = pastName(text, start), equals = pastSpace(text, nameEnd);
  if (nameEnd === start || text.charCodeAt(equals) !== EQUALS) return -1;
  const quote = pastSpace(text, equals + 1), c = text.charCodeAt(quote);
  const end = c === QUOTE ? text.indexOf('"', quote + 1) : c === APOSTROPHE ? text.indexOf("'", quote + 1) : -1;
  if (end < 0) return -1;
  const name = text.slice(start, nameEnd), value = text.slice(quote + 1, end);
  // tabs and line ends become spaces, < is an error
  if (seen.includes(name) || /[<\t\n]/.test(value)) return -1;
  seen.push(name);
  on.attribute(name, value, start);
  return end + 1;
}

function pastSpace(text: string, from: number): number {
  let at = from;
  for (let c = text.charCodeAt(at); c === 0x20 || c === 0x0a || c === 0x09; c = text.charCodeAt(at)) at++;
  return at;
}

/** Past letters, `_`, and behind the first also digits, `.`, `-` and `:`. */
function pastName(text: string, from: number): number {
  let at = from;
  for (;; at++) {
    const c = text.charCodeAt(at);
    if ((c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || c === 0x5f) continue;
    if (at > from && ((c >= 0x30 && c <= 0x3a) || c === 0x2d || c === 0x2e)) continue;
    return at;
  }
}
