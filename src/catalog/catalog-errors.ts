/** The catalog's errors, by Glue's exception names. `code` is ours and stable. */
import { DynaframeError, type ErrorDetails } from "../types/error.js";

type More = Omit<ErrorDetails, "name">;

export const entityNotFound = (message: string, more: More = {}): DynaframeError =>
  new DynaframeError("ENTITY_NOT_FOUND", message, { ...more, name: "EntityNotFoundException" });

export const alreadyExists = (message: string, more: More = {}): DynaframeError =>
  new DynaframeError("ALREADY_EXISTS", message, { ...more, name: "AlreadyExistsException" });

export const invalidInput = (message: string, more: More = {}): DynaframeError =>
  new DynaframeError("INVALID_INPUT", message, { ...more, name: "InvalidInputException" });

export const invalidState = (message: string, more: More = {}): DynaframeError =>
  new DynaframeError("INVALID_STATE", message, { ...more, name: "InvalidStateException" });

export const concurrentModification = (message: string, more: More = {}): DynaframeError =>
  new DynaframeError("CONCURRENT_MODIFICATION", message, { ...more, name: "ConcurrentModificationException" });

export const limitExceeded = (message: string, more: More = {}): DynaframeError =>
  new DynaframeError("RESOURCE_NUMBER_LIMIT_EXCEEDED", message, {
    ...more,
    name: "ResourceNumberLimitExceededException",
  });

/** `message` must never carry a secret or a key. */
export const encryptionError = (code: string, message: string, more: More = {}): DynaframeError =>
  new DynaframeError(code, message, { ...more, name: "GlueEncryptionException" });
