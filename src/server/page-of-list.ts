/** Pages of a list that is made whole for each request: short ones, in a fixed order. */
import type { PageRequest } from "../catalog/index.js";
import { pageSize, pageToken, readPageToken } from "../catalog/page-token.js";

/** `scope` binds tokens to the request they were made for. */
export function paged(member: string, all: readonly unknown[], page: PageRequest, scope: readonly string[]): object {
  const start = Number(readPageToken(scope, page.nextToken) ?? 0);
  const end = start + pageSize(page, 100);
  return { [member]: all.slice(start, end), ...(end < all.length ? { NextToken: pageToken(scope, String(end)) } : {}) };
}
