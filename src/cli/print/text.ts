/** Text that comes from data, made safe for a terminal. */

// C0 and C1 controls move the cursor or start escape sequences; bidirectional marks reorder what follows
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One line without control characters. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

const SGR = /\u001b\[\d+m/g;
const PAINTED = /^(\u001b\[\d+m)([^\u001b]*)(\u001b\[\d+m)$/;

/** Columns a text takes on a terminal; colours take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const c of text.replace(SGR, "")) width += ZERO.test(c) ? 0 : WIDE.test(c) ? 2 : 1;
  return width;
}

/** At most `width` columns, the last one `…` when something was cut. Of a text in one colour the colour stays. */
export function clipped(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return repainted(text, (plain) => [`${head(plain, width - 1)}…`])[0] ?? "";
}

/** The text in lines of at most `width` columns, broken behind a blank or a mark where one is near the end. */
export function wrapped(text: string, width: number): readonly string[] {
  return displayWidth(text) <= width ? [text] : repainted(text, (plain) => linesOf(plain, width));
}

function linesOf(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (let rest = text; rest !== "";) {
    // one that is wider than the line stands alone
    const most = head(rest, width) || String.fromCodePoint(rest.codePointAt(0) ?? 32);
    const [soft = ""] = most.length === rest.length ? [most] : (/^.*[ ,;:/.<>_=-]/su.exec(most) ?? []);
    const line = soft.length * 2 > most.length ? soft : most;
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return lines;
}

/** The first characters that take at most `width` columns. */
function head(text: string, width: number): string {
  let kept = "";
  let used = 0;
  for (const c of text) {
    used += displayWidth(c);
    if (used > width) break;
    kept += c;
  }
  return kept;
}

/** Cuts the text without its colour, which each piece gets again; a text of several colours loses them. */
function repainted(text: string, cut: (plain: string) => readonly string[]): readonly string[] {
  const [, on = "", inner = text.replace(SGR, ""), off = ""] = PAINTED.exec(text) ?? [];
  return cut(inner).map((piece) => on + piece + off);
}
