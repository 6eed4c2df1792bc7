/** A whole result as one indented document, ending in a newline. Numbers past a double print as text. */
export function jsonDocument(value: unknown): string {
  const plain = (_: string, item: unknown): unknown => (item instanceof Map ? Object.fromEntries(item as ReadonlyMap<string, unknown>) : typeof item === "bigint" ? item.toString() : item);
  return `${JSON.stringify(value, plain, 2)}\n`;
}
