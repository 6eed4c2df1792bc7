/** Files that a thread asks for itself: their bytes come over the network while it scans, and pass through no other. */
import type { FileRef, PlainRequest } from "../storage/index.js";
import type { PlainGet } from "../storage/plain-get.js";
import { DynaframeError } from "../types/error.js";
import type { RawFile } from "./byte-source.js";

export type FileRequest = PlainRequest & Pick<FileRef, "etag" | "size">;

/** Asks for files, each once; made when the first one is. */
export type Requester = { open(request: FileRequest, file: string): Promise<RawFile> };

export function createRequester(): Requester {
  let get: Promise<PlainGet> | undefined;
  // Node's client takes a while to load, and most threads never ask
  const load = (): Promise<PlainGet> => import("../storage/plain-get.js").then(({ plainGets }) => plainGets(SOCKETS));
  return { open: async (request, file) => openRequested(request, file, await (get ??= load())) };
}

const SOCKETS = 16;

/** Enough that the network need not wait for a scan; beyond it, the server waits. */
const MOST_WAITING = 4 << 20;
/** What may be read again from the start: telling what a file is takes its first bytes. */
const KEPT_BYTES = 16;

/**
 * The answer's bytes, to be read once and in order but for the first few. Everything that is not as it should be is
 * READ_FAILED: whoever made the request reads the file through its storage then, which tries again and tells what is
 * wrong.
 */
async function openRequested(request: FileRequest, file: string, get: PlainGet): Promise<RawFile> {
  const { etag, size, ...plain } = request;
  const answer = await get(plain);
  if (answer === undefined) throw failed(file, "no answer");
  const { headers } = answer;
  if (
    answer.statusCode !== 200
    || Number(headers["content-length"]) !== size
    || (headers.etag ?? "").replace(/^W\//, "").replace(/^"|"$/g, "") !== etag
  ) {
    answer.destroy();
    throw failed(file, "another version");
  }
  const chunks: Buffer[] = [];
  const kept = Buffer.alloc(Math.min(KEPT_BYTES, size));
  let waiting = 0;
  let received = 0;
  let taken = 0;
  let broken = false;
  let wake = (): void => undefined;
  answer.on("data", (chunk: Buffer) => {
    if (received < kept.length) chunk.copy(kept, received);
    chunks.push(chunk);
    received += chunk.length;
    waiting += chunk.length;
    if (waiting >= MOST_WAITING) answer.pause();
    wake();
  });
  answer.on("close", () => {
    broken = received < size;
    wake();
  });
  const take = (into: Uint8Array): number => {
    let used = 0;
    for (let chunk = chunks[0]; chunk !== undefined && used < into.length; chunk = chunks[0]) {
      const count = chunk.copy(into, used);
      used += count;
      if (count === chunk.length) chunks.shift();
      else chunks[0] = chunk.subarray(count);
    }
    taken += used;
    waiting -= used;
    if (waiting < MOST_WAITING && answer.isPaused()) answer.resume();
    return used;
  };
  return {
    async readAt(into, position) {
      if (position !== taken) return rereading(into, position);
      while (chunks.length === 0 && taken < size) {
        if (broken) throw failed(file, "the connection broke");
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return take(into);
    },
    close: () => {
      answer.destroy();
    },
  };

  /** From the start up to where reading goes on. */
  function rereading(into: Uint8Array, position: number): number {
    if (position > taken || taken > kept.length) throw failed(file, "read out of order");
    return kept.copy(into, 0, position, Math.min(taken, position + into.length));
  }
}

const failed = (file: string, what: string): DynaframeError =>
  new DynaframeError("READ_FAILED", `${file} could not be read by a thread: ${what}`, {
    file,
    hint: "The file is read again through its storage.",
  });
