/** Opaque tokens for pages: the place after which to go on, bound to the request they were made for. */
import { createHash } from "node:crypto";
import { invalidInput } from "./catalog-errors.js";
import type { PageRequest } from "./index.js";

const MAX_PAGE = 1000;

/**
 * `scope` is what the page is of, with its filter; `after` the key of the last item. Stable while items come and go.
 */
export function pageToken(scope: readonly string[], after: string): string {
  return Buffer.from(JSON.stringify([fingerprint(scope), after]), "utf8").toString("base64url");
}

/**
 * The `after` of a token; undefined for the first page.
 * @throws InvalidInputException for a token of another request.
 */
export function readPageToken(scope: readonly string[], token: string | undefined): string | undefined {
  if (token === undefined || token === "") return undefined;
  const parts = parse(token);
  if (!Array.isArray(parts) || parts[0] !== fingerprint(scope) || typeof parts[1] !== "string") {
    throw invalidInput("Invalid NextToken", {
      hint: "pass the nextToken of the page before, with the same other arguments",
    });
  }
  return parts[1];
}

/** Items a page holds. @throws InvalidInputException outside 1 … 1000. */
export function pageSize(page: PageRequest | undefined, preset: number): number {
  const size = page?.maxResults ?? preset;
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE) return size;
  throw invalidInput(`MaxResults must be a whole number from 1 to ${MAX_PAGE}`, { found: String(size) });
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

const fingerprint = (scope: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(scope)).digest("base64url").slice(0, 12);
