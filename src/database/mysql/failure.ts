/** Errors of MySQL and MariaDB by their numbers (MySQL "Server Error Message Reference") as ours. */
import { DynaframeError } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import { authenticationFailed, connectionFailed, connectionLost, databaseFailed, tableNotFound } from "../failure.js";

const DENIED = [1044, 1045, 1251, 1698, 1862, 3118];
/** No such table, no such database. */
const ABSENT = [1146, 1049, 1109];
/** The server goes down, kills the query or the connection, or the connection is gone. */
const GONE = [1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 2006, 2013];
/** Values that a column or a constraint does not take. */
const REFUSED = [1048, 1062, 1169, 1216, 1264, 1265, 1292, 1364, 1366, 1406, 1452, 1526, 1586, 1690, 3140, 3819, 4025];

export function mysqlFailure(error: unknown, address: DatabaseAddress, when: "connecting" | "running" | "lost"): DynaframeError {
  const { errno, code, message } = (typeof error === "object" && error !== null ? error : {}) as { errno?: unknown; code?: unknown; message?: unknown };
  const number = typeof errno === "number" ? errno : 0, text = String(message);
  if (DENIED.includes(number)) return authenticationFailed(address, error);
  if (when === "connecting") return connectionFailed(address, error);
  if (when === "lost" || GONE.includes(number) || /^(E[A-Z]+|PROTOCOL_CONNECTION_LOST)$/.test(String(code)) || /closed state|no answer within/.test(text)) return connectionLost(address, error);
  if (ABSENT.includes(number)) return tableNotFound(address, text);
  if (number === 1060) return new DynaframeError("NAME_CLASH", `${address.label}: ${text}.`, { hint: "Name the columns of the query apart: select a.id AS a_id, b.id AS b_id." });
  if (REFUSED.includes(number)) {
    const column = /(?:column|field) ['`]([^'`]+)['`]/i.exec(text)?.[1]?.split(".").at(-1);
    return new DynaframeError("VALUE_NOT_HELD", `${address.label}: ${text}.`, {
      ...(column === undefined ? {} : { path: column }), hint: "Nothing was written. Filter or repair the value, or change the column.",
    });
  }
  return databaseFailed(address, error, number === 1064 ? { hint: "Check the SQL of query, dbtable, hashexpression, preactions and postactions; one statement in each." } : {});
}
