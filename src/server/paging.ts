/** Glue's members for pages, to and from the catalog's. */
import type { Page, PageRequest } from "../catalog/index.js";

export type Paged = { readonly NextToken?: string; readonly MaxResults?: number };

/** `most` caps what a client may ask for, as the service does for that listing. */
export function pageOf({ NextToken, MaxResults }: Paged, most = 1000): PageRequest {
  return {
    ...(NextToken === undefined ? {} : { nextToken: NextToken }),
    ...(MaxResults === undefined ? {} : { maxResults: Math.min(MaxResults, most) }),
  };
}

/** A page under the name that the operation's answer has for it. */
export function answerPage<T>(member: string, page: Page<T>): object {
  return { [member]: page.items, ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }) };
}
