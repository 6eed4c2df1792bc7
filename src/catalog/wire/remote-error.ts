/** Errors of a Glue endpoint as the catalog's own. */
import { DynaframeError, type ErrorDetails } from "../../types/error.js";

const CODES: { readonly [name: string]: string } = {
  EntityNotFoundException: "ENTITY_NOT_FOUND",
  AlreadyExistsException: "ALREADY_EXISTS",
  InvalidInputException: "INVALID_INPUT",
  ValidationException: "INVALID_INPUT",
  InvalidStateException: "INVALID_STATE",
  ConcurrentModificationException: "CONCURRENT_MODIFICATION",
  VersionMismatchException: "CONCURRENT_MODIFICATION",
  ResourceNumberLimitExceededException: "RESOURCE_NUMBER_LIMIT_EXCEEDED",
  ThrottlingException: "CATALOG_BUSY",
  AccessDeniedException: "ACCESS_DENIED",
  OperationNotSupportedException: "UNSUPPORTED",
};
const UNAUTHENTICATED =
  /^(InvalidSignature|UnrecognizedClient|MissingAuthenticationToken|IncompleteSignature|ExpiredToken)/;

/** `name` is the service's; `details` what dynaframe's own server adds. */
export function remoteError(
  name: string,
  message: string,
  details: ErrorDetails & { readonly code?: string } = {},
): DynaframeError {
  const { code, ...more } = details;
  return new DynaframeError(
    code ?? CODES[name] ?? (UNAUTHENTICATED.test(name) ? "NOT_AUTHENTICATED" : "CATALOG_FAILED"),
    message,
    { ...more, name },
  );
}
