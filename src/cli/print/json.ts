/** A whole result as one indented document, ending in a newline. Numbers past a double print as text. */
export const jsonDocument = (value: unknown): string => `${JSON.stringify(value, plain, 2)}\n`;

/** The same in one line. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value, plain)}\n`;

const plain = (_: string, item: unknown): unknown =>
  item instanceof Map
    ? Object.fromEntries(item as ReadonlyMap<string, unknown>)
    : typeof item === "bigint"
      ? item.toString()
      : item;
