/** Text that comes from data, made safe for a terminal. */

// C0 and C1 controls move the cursor or start escape sequences; bidirectional marks reorder what follows
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One line without control characters. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (c) => SHORT[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns a text takes on a terminal; colours take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const c of text.replace(/\u001b\[\d+m/g, "")) width += ZERO.test(c) ? 0 : WIDE.test(c) ? 2 : 1;
  return width;
}

/** At most `width` columns, the last one `…` when something was cut. */
export function clipped(text: string, width: number): string {
  if (text.length <= width && displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const c of text) {
    const w = displayWidth(c);
    if (used + w > width - 1) break;
    kept += c;
    used += w;
  }
  return `${kept}…`;
}
