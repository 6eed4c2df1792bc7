/** The part of Spark's datetime patterns that folder names need: y M d H m s E, quoted text and punctuation. UTC. */
import { meaningError } from "./predicate-error.js";

type Piece = { readonly letter: string; readonly width: number } | { readonly literal: string };
export type DateParts = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** @throws AnalysisException for a letter that is not supported. */
export function datePieces(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [found] of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*'|[^A-Za-z']+/g)) {
    if (found === "''") pieces.push({ literal: "'" });
    else if (found.startsWith("'")) pieces.push({ literal: found.slice(1, -1).replaceAll("''", "'") });
    else if (!/^[A-Za-z]/.test(found)) pieces.push({ literal: found });
    else if ("yMdHmsE".includes(found.charAt(0))) pieces.push({ letter: found.charAt(0), width: found.length });
    else throw meaningError(`The datetime letter ${found} is not supported`, { found, expected: "y M d H m s E" });
  }
  return pieces;
}

export function formatDate(pieces: readonly Piece[], time: Date): string {
  return pieces
    .map((piece) => ("literal" in piece ? piece.literal : formatPiece(piece.letter, piece.width, time)))
    .join("");
}

function formatPiece(letter: string, width: number, time: Date): string {
  const padded = (n: number): string => String(n).padStart(width, "0");
  switch (letter) {
    case "y":
      return width === 2 ? padded(time.getUTCFullYear() % 100) : padded(time.getUTCFullYear());
    case "M":
      return width >= 3 ? named(MONTHS, time.getUTCMonth(), width) : padded(time.getUTCMonth() + 1);
    case "d":
      return padded(time.getUTCDate());
    case "H":
      return padded(time.getUTCHours());
    case "m":
      return padded(time.getUTCMinutes());
    case "s":
      return padded(time.getUTCSeconds());
    default:
      return named(DAYS, time.getUTCDay(), width);
  }
}

const named = (names: readonly string[], index: number, width: number): string =>
  width >= 4 ? (names[index] ?? "") : (names[index] ?? "").slice(0, 3);

/**
 * The parts that a text names, missing ones as in 1970-01-01 00:00:00; undefined when the text is not of the pattern.
 */
export function parseDateParts(pieces: readonly Piece[], text: string): DateParts | undefined {
  const parts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    if ("literal" in piece) {
      if (!text.startsWith(piece.literal, at)) return undefined;
      at += piece.literal.length;
      continue;
    }
    const next = pieces[i + 1];
    // letters that follow one another share the digits by width; otherwise a single letter takes as many as there are
    const free = piece.width === 1 && !(next !== undefined && "letter" in next);
    const digits = /^\d+/.exec(text.slice(at, free ? at + 10 : at + piece.width))?.[0];
    const name = PART_NAMES.get(piece.letter);
    if (digits === undefined || name === undefined || piece.width > 4 || (!free && digits.length !== piece.width))
      return undefined;
    parts[name] = piece.letter === "y" && piece.width === 2 ? 2000 + Number(digits) : Number(digits);
    at += digits.length;
  }
  return at === text.length ? parts : undefined;
}

const PART_NAMES: ReadonlyMap<string, keyof DateParts> = new Map<string, keyof DateParts>([
  ["y", "year"],
  ["M", "month"],
  ["d", "day"],
  ["H", "hour"],
  ["m", "minute"],
  ["s", "second"],
]);
