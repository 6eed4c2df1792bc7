/**
 * A plain CSV reader with Glue's options, written without the scanner so that it can check it. A cell that starts with
 * the quote holds everything up to the next single quote; a doubled quote stands for one; the escaper takes the next
 * character as it is, but for n, r, t and 0. Blank lines are no records; a row whose quote is not closed in time is
 * left out.
 */

export type CsvDialect = {
  readonly separator: string;
  /** Undefined when quoting is switched off. */
  readonly quoteChar: string | undefined;
  readonly escaper: string | undefined;
  /** Whether a quoted cell may hold line ends. */
  readonly multiLine: boolean;
};
/** `plain`: nothing was escaped or doubled; only such a cell's text may have another type than string. */
export type Cell = { readonly text: string; readonly plain: boolean };
type CellAt = Cell & { readonly next: number };

/** `whole` false: a quote is not closed; the row ends with its line, and only the cells before that quote are there. */
export type CsvRow = { readonly cells: readonly Cell[]; readonly whole: boolean };

/** All rows, the header being one. */
export function parseCsv(content: string, dialect: CsvDialect): readonly CsvRow[] {
  const text = content.endsWith("\n") ? content : `${content}\n`;
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length;) {
    const blank = /^\r?\n/.exec(text.slice(at, at + 2));
    if (blank) {
      at += blank[0].length;
      continue;
    }
    const { cells, next } = readRow(text, at, dialect, content.length);
    rows.push({ cells, whole: next !== undefined });
    at = (next ?? lineEnd(text, at)) + 1;
  }
  return rows;
}

const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
};

function readRow(
  text: string,
  from: number,
  dialect: CsvDialect,
  limit: number,
): { readonly cells: Cell[]; readonly next: number | undefined } {
  const cells: Cell[] = [];
  for (let at = from; ;) {
    const cell = readCell(text, at, dialect, limit);
    if (!cell) return { cells, next: undefined };
    cells.push({ text: cell.text, plain: cell.plain });
    if (!text.startsWith(dialect.separator, cell.next) || cell.next >= text.length) return { cells, next: cell.next };
    at = cell.next + dialect.separator.length;
  }
}

/**
 * The text ends at `limit`, though a line end was added. The cell at `from` and where it ends: a separator, a line end,
 * or the end of the text. Undefined: its quote is not closed.
 */
function readCell(
  text: string,
  from: number,
  { separator, quoteChar, escaper, multiLine }: CsvDialect,
  limit: number,
): CellAt | undefined {
  let out = "";
  let plain = true;
  let at = from;
  let quoted = quoteChar !== undefined && text.startsWith(quoteChar, from);
  let closed = false;
  if (quoted) at++;
  for (; quoted || (at < text.length && text[at] !== "\n" && !text.startsWith(separator, at)); at++) {
    const c = text.charAt(at);
    const next = text.charAt(at + 1);
    if (c === "" || (quoted && c === "\n" && !multiLine)) return undefined;
    if (c === escaper && escaper !== quoteChar && at + 1 < limit && (next !== "\n" || multiLine)) {
      out += ESCAPED.get(next) ?? next;
      plain = false;
      at++;
    } else if (quoted && c === quoteChar && next === quoteChar) {
      out += c;
      plain = false;
      at++;
    } else if (quoted && c === quoteChar) {
      quoted = false;
      closed = true;
    } else if (!quoted && c === "\r" && next === "\n") continue;
    else {
      out += c;
      if (closed) plain = false;
    }
  }
  return { text: out, plain, next: at };
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["0", "\0"],
]);

/** Names for a header: an empty one is `col` and its place, one that came before gets the next free number. */
export function columnNames(header: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (const [i, given] of header.entries()) {
    const name = given === "" ? `col${i}` : given;
    let unique = name;
    for (let n = 2; names.includes(unique) || (unique !== name && header.includes(unique)); n++)
      unique = `${name}_${n}`;
    names.push(unique);
  }
  return names;
}
