/** A query over catalog tables and temporary views, which are looked up when it is first used. */
import type { Environment } from "../environment.js";
import type { FrameNode, FrameSession } from "../frame-node.js";
import { firstRows } from "../read-rows.js";
import { catalogNode } from "../sources/catalog-node.js";
import { sqlNode } from "../sql-node.js";
import { nearestTable, referencedTables } from "../sql-tables.js";

export function contextSqlNode(text: string, environment: Environment): FrameNode {
  let found: Promise<FrameNode> | undefined;
  /** What a failure found is not remembered: a view may be there next time. */
  const withQuery = async <T>(session: FrameSession, use: (query: FrameNode) => Promise<T>): Promise<T> => {
    const query = (found ??= queryNode(text, session));
    try {
      return await use(await query);
    } catch (error) {
      if (found === query) found = undefined;
      throw error;
    }
  };
  return {
    kind: "sql",
    args: { text },
    inputs: [],
    options: {},
    firstRows: (_, session, run) => withQuery(session, (query) => firstRows(environment, query, run)),
    resolve: (_, session, run) => withQuery(session, (query) => environment.resolve(query, run)),
  };
}

async function queryNode(text: string, session: FrameSession): Promise<FrameNode> {
  const { catalog } = session;
  const tables = catalog ? await referencedTables(text, catalog) : [];
  const named = tables.map(
    ({ database, tableName }) => [`${database}.${tableName}`, catalogNode({ database, tableName })] as const,
  );
  return sqlNode(text, new Map([...session.views.mentionedIn(text), ...named]), async () =>
    catalog ? nearestTable(text, catalog) : undefined,
  );
}
