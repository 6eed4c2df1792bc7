import type { IncomingMessage } from "node:http";
import { DynaframeError } from "../types/error.js";

/**
 * The whole body.
 * @throws RequestEntityTooLargeException past `most` bytes, without reading on; the connection must then be closed.
 */
export function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = Number(request.headers["content-length"] ?? 0);
    if (size > most) {
      reject(tooLarge(most));
      return;
    }
    size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) {
        request.removeAllListeners("data");
        request.pause();
        reject(tooLarge(most));
      } else chunks.push(chunk);
    });
    request.on("end", () => {
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.on("error", reject);
    // "close" comes after every request: an error, with its stack, is made only for one that is not complete
    request.on("close", () => {
      if (!request.readableEnded)
        reject(
          new DynaframeError("BAD_REQUEST", "The client went away before the request was complete", {
            name: "RequestTimeoutException",
          }),
        );
    });
  });
}

const tooLarge = (most: number): DynaframeError =>
  new DynaframeError("BAD_REQUEST", `The request body is larger than ${most} bytes`, {
    name: "RequestEntityTooLargeException",
    hint: "split the batch",
  });
