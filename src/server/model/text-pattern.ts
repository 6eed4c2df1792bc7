/** The service model's patterns, compiled so that no text makes them slow. */

/** A test for whole texts. `/source/flags` as the generated shapes hold it. Matching takes time linear in the text. */
export function textPattern(pattern: string): (text: string) => boolean {
  const [, source = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(pattern) ?? [];
  // `.*x.*` tries every x of a text with a line break, each to the end: asked in two parts it looks at the text twice
  const holds = /^\.\*(\\S|\[(?:[^\]\\]|\\.)*\])\.\*$/.exec(source)?.[1];
  if (holds !== undefined) {
    const inner = new RegExp(holds, flags);
    return (text) => !/[\n\r\u2028\u2029]/.test(text) && inner.test(text);
  }
  // a repeated group of one class is that class repeated; as a group it would fill the matcher's stack on a long text
  const flat = source.replace(/^\^?\((\[(?:[^\]\\]|\\.)*\])\)\*\$?$/u, "$1*");
  const whole = new RegExp(`^(?:${flat})$`, flags);
  return (text) => whole.test(text);
}
