/** Files as the messages of AddArtifacts: many small ones in one message, a large one in chunks, each with its CRC. */
import { crc32 } from "node:zlib";
import { create } from "@bufbuild/protobuf";
import { AddArtifactsRequestSchema, type AddArtifactsRequest } from "./generated/base.js";

export type Artifact = { readonly name: string; readonly data: Uint8Array };
type Identity = Partial<Pick<AddArtifactsRequest, "sessionId" | "userContext" | "clientType">>;

/** Bytes of a message; servers take 4 MB and more. */
const CHUNK = 32 * 1024;

export async function* artifactRequests(
  identity: Identity,
  artifacts: readonly Artifact[],
): AsyncGenerator<AddArtifactsRequest> {
  for (const { name, data } of artifacts) {
    const chunks = Array.from({ length: Math.max(1, Math.ceil(data.length / CHUNK)) }, (_, i) =>
      chunkOf(data.subarray(i * CHUNK, (i + 1) * CHUNK)),
    );
    const [first] = chunks;
    if (first === undefined) continue;
    if (chunks.length === 1) {
      yield create(AddArtifactsRequestSchema, {
        ...identity,
        payload: { case: "batch", value: { artifacts: [{ name, data: first }] } },
      });
      continue;
    }
    yield create(AddArtifactsRequestSchema, {
      ...identity,
      payload: {
        case: "beginChunk",
        value: { name, totalBytes: BigInt(data.length), numChunks: BigInt(chunks.length), initialChunk: first },
      },
    });
    for (const chunk of chunks.slice(1))
      yield create(AddArtifactsRequestSchema, { ...identity, payload: { case: "chunk", value: chunk } });
  }
}

const chunkOf = (data: Uint8Array): { readonly data: Uint8Array; readonly crc: bigint } => ({
  data,
  crc: BigInt(crc32(data)),
});
