import type { Page, PageRequest } from "./index.js";

/** All items of a paged call. */
export async function allPages<T>(call: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await call(nextToken === undefined ? {} : { nextToken });
    items.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return items;
}
