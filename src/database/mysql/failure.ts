/** Errors of MySQL and MariaDB by their numbers (MySQL "Server Error Message Reference") as ours. */
import { DynaframeError } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import {
  authenticationFailed,
  connectionFailed,
  connectionLost,
  databaseFailed,
  HINTS,
  tableNotFound,
} from "../failure.js";

const DENIED = [1044, 1045, 1251, 1698, 1862, 3118];
/** No such table, no such database. */
const ABSENT = [1146, 1049, 1109];
/** The server goes down, kills the query or the connection, or the connection is gone. */
const GONE = [1053, 1152, 1158, 1159, 1160, 1161, 1317, 1927, 2006, 2013];
/** No connection left for anybody, or for this user. */
const CROWDED = [1040, 1203, 1226];
/** Values that a column or a constraint does not take. */
const REFUSED = [
  1048, 1062, 1169, 1216, 1264, 1265, 1292, 1364, 1366, 1406, 1452, 1526, 1586, 1690, 3140, 3819, 4025, 1416, 4078,
];

export function mysqlFailure(
  error: unknown,
  address: DatabaseAddress,
  when: "connecting" | "running" | "lost",
): DynaframeError {
  const { errno, code, message } = (typeof error === "object" && error !== null ? error : {}) as {
    errno?: unknown;
    code?: unknown;
    message?: unknown;
  };
  const number = typeof errno === "number" ? errno : 0;
  const text = String(message);
  if (DENIED.includes(number)) return authenticationFailed(address, error);
  if (when === "connecting")
    return connectionFailed(address, error, CROWDED.includes(number) ? HINTS.connections : undefined);
  if (
    when === "lost"
    || GONE.includes(number)
    || /^(E[A-Z]+|PROTOCOL_CONNECTION_LOST)$/.test(String(code))
    || /closed state|no answer within/.test(text)
  )
    return connectionLost(address, error);
  if (ABSENT.includes(number)) return tableNotFound(address, text);
  if (number === 1060) {
    return new DynaframeError("NAME_CLASH", `${address.label}: ${text}.`, {
      path: /'((?:[^']|'')+)'/.exec(text)?.[1] ?? address.label,
      hint: "Name the columns apart, letters aside: select a.id AS a_id, b.id AS b_id; of a frame, rename or drop the field.",
    });
  }
  if (REFUSED.includes(number)) {
    const column = columnOf(text);
    return new DynaframeError("VALUE_NOT_HELD", `${address.label}: ${text}.`, {
      ...(column === undefined ? {} : { path: column }),
      hint: "Nothing was written. Filter or repair the value, or change the column.",
    });
  }
  const hint = hintOf(number);
  return databaseFailed(address, error, hint === undefined ? {} : { hint });
}

/**
 * Of `column 'c'` and `` column `database`.`table`.`c` ``. Of JSON, MySQL says `column 'table.c'.`, and MariaDB names
 * the check: `` CONSTRAINT `table.c` ``.
 */
function columnOf(text: string): string | undefined {
  const [name] = [
    /in value for column '[^.']*\.([^']+)'/,
    /^CONSTRAINT `[^`]*\.([^`.]+)` failed/,
    /(?:column|field) (?:`(?:[^`]|``)+`\.)*[`']((?:[^`']|``)+)[`'](?!\.)/i,
  ].flatMap((form) => form.exec(text)?.[1] ?? []);
  return name?.replaceAll("``", "`");
}

function hintOf(number: number): string | undefined {
  switch (number) {
    case 1064:
    case 1305:
    case 1630:
      return HINTS.sql;
    case 1054:
      return HINTS.column;
    case 1142:
    case 1143:
    case 1227:
    case 1370:
      return HINTS.right;
    case 1205:
    case 1213:
      return HINTS.again;
    case 1290:
    case 1792:
    case 1836:
      return HINTS.readOnly;
    case 1021:
    case 1114:
      return HINTS.room;
    default:
      return undefined;
  }
}
