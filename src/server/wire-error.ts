/** Errors as the Glue API answers them: `__type`, `Message`, a status. */
import { DynaframeError } from "../types/error.js";

export type WireError = {
  readonly status: number;
  /** Glue's exception name. */
  readonly type: string;
  readonly message: string;
  /** Worth the log's attention: a defect or a broken world. */
  readonly isFault: boolean;
};

/** What a caller did wrong keeps its name; a broken world is told without details, which are the log's. */
export function wireError(error: unknown): WireError {
  if (!(error instanceof DynaframeError)) return internal();
  const { message } = error; // without the hint: clients match the service's texts
  if (/(Exception|Fault)$/.test(error.name) && error.name !== "InternalServiceException")
    return { status: statusOf(error.name), type: error.name, message, isFault: false };
  switch (error.code) {
    // SDKs try again after this one
    case "CATALOG_BUSY":
      return { status: 400, type: "ThrottlingException", message, isFault: false };
    case "CATALOG_READ_ONLY":
    case "ACCESS_DENIED":
      return { status: 400, type: "AccessDeniedException", message, isFault: false };
    default:
      if (error.code.startsWith("UNSUPPORTED"))
        return { status: 400, type: "OperationNotSupportedException", message, isFault: false };
      if (/^(BAD_|INVALID_)/.test(error.code))
        return { status: 400, type: "InvalidInputException", message, isFault: false };
      return internal();
  }
}

const statusOf = (name: string): number =>
  name === "RequestEntityTooLargeException" ? 413 : name === "RequestTimeoutException" ? 408 : 400;

const internal = (): WireError => ({
  status: 500,
  type: "InternalServiceException",
  message: "The catalog failed; the server's log has the reason under this request id.",
  isFault: true,
});

/** `error` is for dynaframe's own client, which gives it to its user with all its members. */
export function wireErrorBody({ type, message, isFault }: WireError, error?: unknown): string {
  const details = error instanceof DynaframeError && !isFault ? { Details: error.toJSON() } : {};
  return JSON.stringify({ __type: type, Message: message, ...details });
}
