import { DynaframeError } from "../types/error.js";
import type { Storage } from "./index.js";

/**
 * One storage that hands each call to the first of `storages` that accepts the address.
 * An address that none accepts is UNKNOWN_SCHEME.
 */
export function combineStorages(storages: readonly Storage[]): Storage {
  const of = (address: string): Storage => {
    const found = storages.find((storage) => storage.accepts(address));
    if (found !== undefined) return found;
    throw new DynaframeError("UNKNOWN_SCHEME", `no storage serves ${address}`, {
      found: address,
      expected: storages.map((storage) => storage.scheme).join(", "),
      hint: "Use a local path or one of the schemes listed under `expected`.",
    });
  };
  return Object.freeze({
    scheme: storages.map((storage) => storage.scheme).join("+"),
    accepts: (address) => storages.some((storage) => storage.accepts(address)),
    resolve: (address) => of(address).resolve(address),
    list: (address, options) => of(address).list(address, options),
    stat: async (path) => of(path).stat(path),
    open: async (path) => of(path).open(path),
    create: async (path) => of(path).create(path),
    publish: async (localFile, path, options) => of(path).publish(localFile, path, options),
    remove: async (path) => of(path).remove(path),
    localPath: (path) => of(path).localPath(path),
    request: async (ref) => of(ref.path).request?.(ref),
    engineAccess: async (path) => of(path).engineAccess?.(path),
    stagingBeside: (address) => of(address).stagingBeside(address),
  } satisfies Storage);
}
