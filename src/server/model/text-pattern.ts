/** The service model's patterns, compiled so that no text makes them slow. */

/** A test for whole texts. `/source/flags` as the generated shapes hold it. Matching takes time linear in the text. */
export function textPattern(pattern: string): (text: string) => boolean {
  const [, source = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(pattern) ?? [];
  // a repeated group of one class is that class repeated; as a group it would fill the matcher's stack on a long text
  const flat = source.replace(/^\^?\((\[(?:[^\]\\]|\\.)*\])\)\*\$?$/u, "$1*");
  const whole = new RegExp(`^(?:${flat})$`, flags);
  return (text) => whole.test(text);
}
