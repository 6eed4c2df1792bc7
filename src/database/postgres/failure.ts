/** PostgreSQL's errors by SQLSTATE (PostgreSQL documentation, appendix A) as ours. */
import type { DynaframeError } from "../../types/error.js";
import { DynaframeError as Failure } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import {
  authenticationFailed,
  connectionFailed,
  connectionLost,
  databaseFailed,
  HINTS,
  tableNotFound,
} from "../failure.js";

type ServerError = {
  readonly code?: unknown;
  readonly column?: unknown;
  readonly where?: unknown;
  readonly detail?: unknown;
  readonly message?: unknown;
};

export function postgresFailure(
  error: unknown,
  address: DatabaseAddress,
  when: "connecting" | "running" | "lost",
): DynaframeError {
  const { code, message } = (typeof error === "object" && error !== null ? error : {}) as ServerError;
  const state = typeof code === "string" ? code : "";
  if (state.startsWith("28") || /password must be a (non-empty )?string/.test(String(message)))
    return authenticationFailed(address, error);
  if (when === "connecting") return connectionFailed(address, error, state === "53300" ? HINTS.connections : undefined);
  if (
    when === "lost"
    || isConnectionState(state)
    || /^E[A-Z]+$/.test(state)
    || /Connection terminated|not queryable|no answer within/.test(String(message))
  )
    return connectionLost(address, error);
  if (state === "42P01" || state === "3F000") return tableNotFound(address, String(message));
  const hint = hintOf(state);
  return dataFailure(error, address) ?? databaseFailed(address, error, hint === undefined ? {} : { hint });
}

function hintOf(state: string): string | undefined {
  switch (state) {
    case "42501":
      return HINTS.right;
    case "42703":
      return HINTS.column;
    case "53300":
      return HINTS.connections;
    case "40001":
    case "40P01":
    case "55P03":
      return HINTS.again;
    case "25006":
      return HINTS.readOnly;
    case "53100":
      return HINTS.room;
    // the rest of "syntax error or access rule violation", and values that an expression of a query meets
    default:
      return state.startsWith("42") || state.startsWith("22") ? HINTS.sql : undefined;
  }
}

const isConnectionState = (state: string): boolean =>
  state.startsWith("08") || ["57P01", "57P02", "57P03"].includes(state);

/**
 * A value that the table does not take: COPY says where (`COPY t, line 3, column price: "abc"`), constraints name their
 * column. Others are of an expression.
 */
function dataFailure(error: unknown, address: DatabaseAddress): DynaframeError | undefined {
  const { code, column, where, detail, message } = error as ServerError;
  if (typeof code !== "string" || !/^2[23]/.test(code)) return undefined;
  const [, line, copied, value] =
    /COPY [\s\S]*?, line (\d+)(?:, column ([^:\n]+))?(?:: "([\s\S]*)")?/.exec(String(where ?? "")) ?? [];
  const name = typeof column === "string" && column !== "" ? column : copied;
  if (code.startsWith("22") && name === undefined && line === undefined) return undefined;
  const place = [
    ...(line === undefined ? [] : [`row ${line}`]),
    ...(name === undefined ? [] : [`column ${name}`]),
  ].join(", ");
  const found = value === undefined ? (typeof detail === "string" ? detail : undefined) : short(value);
  return new Failure("VALUE_NOT_HELD", `${address.label}${place === "" ? "" : `, ${place}`}: ${String(message)}.`, {
    ...(name === undefined ? {} : { path: name }),
    ...(found === undefined ? {} : { found }),
    hint: "Nothing was written. Filter or repair the value, or change the column.",
  });
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 97)}...` : text);
