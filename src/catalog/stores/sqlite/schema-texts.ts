/**
 * Texts of successive schemas kept as what changed in the middle: of a table with thousands of paths each version would
 * else repeat them all. A row of step 0 is whole; the others need the row before.
 */

/** Whole texts at least this often, so that reading one walks few rows. */
const MAX_STEPS = 64;

export type KeptText = { readonly step: number; readonly head: number; readonly tail: number; readonly text: string };

/** How `text` is kept after a row of step `step` whose text is `before`; whole when that is about as short. */
export function keepText(text: string, before: string, step: number): KeptText {
  const shorter = Math.min(text.length, before.length);
  let head = 0;
  while (head < shorter && text.charCodeAt(head) === before.charCodeAt(head)) head++;
  let tail = 0;
  while (
    tail < shorter - head
    && text.charCodeAt(text.length - 1 - tail) === before.charCodeAt(before.length - 1 - tail)
  )
    tail++;
  const middle = text.slice(head, text.length - tail);
  return step + 1 >= MAX_STEPS || middle.length * 2 > text.length
    ? wholeText(text)
    : { step: step + 1, head, tail, text: middle };
}

export const wholeText = (text: string): KeptText => ({ step: 0, head: 0, tail: 0, text });

export function readText(kept: KeptText, before: string): string {
  return kept.step === 0 ? kept.text : before.slice(0, kept.head) + kept.text + before.slice(before.length - kept.tail);
}
