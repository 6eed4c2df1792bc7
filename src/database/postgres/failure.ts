/** PostgreSQL's errors by SQLSTATE (PostgreSQL documentation, appendix A) as ours. */
import type { DynaframeError } from "../../types/error.js";
import { DynaframeError as Failure } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import { authenticationFailed, connectionFailed, connectionLost, databaseFailed, tableNotFound } from "../failure.js";

type ServerError = { readonly code?: unknown; readonly column?: unknown; readonly where?: unknown; readonly detail?: unknown; readonly message?: unknown };

export function postgresFailure(error: unknown, address: DatabaseAddress, when: "connecting" | "running" | "lost"): DynaframeError {
  const { code, message } = (typeof error === "object" && error !== null ? error : {}) as ServerError;
  const state = typeof code === "string" ? code : "";
  if (state.startsWith("28") || /password must be a (non-empty )?string/.test(String(message))) return authenticationFailed(address, error);
  if (when === "connecting") return connectionFailed(address, error);
  if (when === "lost" || isConnectionState(state) || /^E[A-Z]+$/.test(state) || /Connection terminated|not queryable|no answer within/.test(String(message))) return connectionLost(address, error);
  if (state === "42P01" || state === "3F000") return tableNotFound(address, String(message));
  return dataFailure(error, address) ?? databaseFailed(address, error, state === "42601" ? { hint: "Check the SQL of query, dbtable, hashexpression, preactions and postactions." } : {});
}

const isConnectionState = (state: string): boolean => state.startsWith("08") || ["57P01", "57P02", "57P03"].includes(state);

/** A value that the table does not take: COPY says where (`COPY t, line 3, column price: "abc"`), constraints name their column. */
function dataFailure(error: unknown, address: DatabaseAddress): DynaframeError | undefined {
  const { code, column, where, detail, message } = error as ServerError;
  if (typeof code !== "string" || !/^2[23]/.test(code)) return undefined;
  const [, line, copied, value] = /COPY [\s\S]*?, line (\d+)(?:, column ([^:\n]+))?(?:: "([\s\S]*?)")?/.exec(String(where ?? "")) ?? [];
  const name = typeof column === "string" && column !== "" ? column : copied;
  const place = [...(line === undefined ? [] : [`row ${line}`]), ...(name === undefined ? [] : [`column ${name}`])].join(", ");
  const found = value === undefined ? (typeof detail === "string" ? detail : undefined) : short(value);
  return new Failure("VALUE_NOT_HELD", `${address.label}${place === "" ? "" : `, ${place}`}: ${String(message)}.`, {
    ...(name === undefined ? {} : { path: name }), ...(found === undefined ? {} : { found }),
    hint: "Nothing was written. Filter or repair the value, or change the column.",
  });
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 97)}...` : text);
