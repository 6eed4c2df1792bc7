/** A file must still be what was listed, or its counts belong to neither version. */
import fs from "node:fs";
import { fileRef } from "../storage/file-ref.js";
import { DynaframeError } from "../types/error.js";
import { vanished } from "./byte-source.js";

type Identity = { readonly etag: string; readonly size: number };

/** @throws SOURCE_VANISHED, SOURCE_CHANGED. */
export function requireSame(file: string, listed: Identity, now: Identity | undefined): void {
  if (now === undefined) throw vanished(file);
  if (now.etag === listed.etag && now.size === listed.size) return;
  throw new DynaframeError("SOURCE_CHANGED", `${file} changed while it was read`, {
    file,
    expected: `${listed.size} bytes, etag ${listed.etag}`,
    found: `${now.size} bytes, etag ${now.etag}`,
    hint: "run again when nothing writes to the file",
  });
}

/** What a local file is now; undefined when it is gone. */
export function localIdentity(local: string): Identity | undefined {
  const stats = fs.statSync(local, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : fileRef(local, stats);
}
