/** Of a custom XML classifier. Source: docs/sources.md#classifiers. */
export type XmlSettings = {
  /** The elements that are records; without brackets. */
  readonly rowTag: string;
  /** What tables say; default xml. */
  readonly classification?: string;
};

/** Whether the head of a file has a row element with content: one that closes itself is no record. */
export function hasRow(text: string, rowTag: string): boolean {
  const tag = new RegExp(`<${rowTag.replace(/[.\\-]/g, "\\$&")}(?=[\\s/>])(?:[^<>"']|"[^"<]*"|'[^'<]*')*>`, "gu");
  for (const [found] of text.matchAll(tag)) if (!found.endsWith("/>")) return true;
  return false;
}
