import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { s3Storage } from "../../src/storage/s3/index.js";
import type { Storage } from "../../src/storage/index.js";
import { listAll, storageContract } from "./contract.js";
import { describeWithVersitygw, startS3rver, startVersitygw, type S3Server, type Versitygw } from "./s3-servers.js";

function contractOn(start: () => Promise<S3Server>): void {
  let server!: S3Server;
  let storage!: Storage;
  let roots = 0;
  beforeAll(async () => {
    server = await start();
    storage = s3Storage(() => server.settings);
    await server.createBucket("lake");
  });
  afterAll(() => server.stop());
  storageContract(async () => {
    const folder = `r${++roots}`;
    return { storage, root: `s3://lake/${folder}`, put: (path, body) => server.put("lake", `${folder}/${path}`, body) };
  });
}

describe("storage contract on s3rver", () => contractOn(startS3rver));
describeWithVersitygw("storage contract on versitygw", () => contractOn(startVersitygw));

describeWithVersitygw("versitygw", () => {
  let server!: Versitygw;
  let storage!: Storage;
  beforeAll(async () => {
    server = await startVersitygw();
    storage = s3Storage(() => server.settings);
    await server.createBucket("lake");
  });
  afterAll(() => server.stop());

  test("lists 10,000 keys, whole and in order", async () => {
    const keys = Array.from(
      { length: 10_000 },
      (_, i) => `many/day=${String(i % 40).padStart(2, "0")}/${i % 7 === 0 ? "sub/" : ""}${i}.json`,
    );
    for (const key of keys) {
      mkdirSync(dirname(join(server.data, "lake", key)), { recursive: true });
      writeFileSync(join(server.data, "lake", key), "1");
    }
    expect((await listAll(storage, "s3://lake/many")).map(({ path }) => path)).toEqual(
      keys.map((key) => `s3://lake/${key}`).sort(),
    );
  });

  test("a file of many parts goes up and comes back, and one given up leaves no parts", async () => {
    const numbers = (): Buffer =>
      Buffer.from(Array.from({ length: 1 << 17 }, (_, i) => String(i % 9973).padStart(8, "0")).join(""));
    const block = numbers();
    const original = numbers();
    const writer = await storage.create("s3://lake/parts");
    for (let i = 0; i < 40; i++) {
      block[i] = 64;
      await writer.write(block);
    }
    const ref = await writer.commit({ ifAbsent: true });
    expect(ref).toMatchObject({ size: 40 * block.length, etag: expect.stringMatching(/-3$/) });
    const reader = await storage.open(ref.path);
    const found = createHash("sha256");
    const expected = createHash("sha256");
    const into = new Uint8Array(1_000_003);
    for (let at = 0, count = -1; count !== 0; at += count) {
      count = await reader.read(into, at);
      found.update(into.subarray(0, count));
    }
    await reader.close();
    for (let i = 0; i < 40; i++) {
      original[i] = 64;
      expected.update(original);
    }
    expect(found.digest("hex")).toBe(expected.digest("hex"));
    const abandoned = await storage.create("s3://lake/abandoned");
    for (let i = 0; i < 40; i++) await abandoned.write(block);
    await abandoned.abort();
    expect(await storage.stat("s3://lake/abandoned")).toBeUndefined();
    const uploads = await server.client.send(new ListMultipartUploadsCommand({ Bucket: "lake" }));
    expect(uploads.Uploads ?? []).toEqual([]);
  });

  test("of many that write one name at once, with ifAbsent, one wins", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const writer = await storage.create("s3://lake/race");
        await writer.write(Buffer.from(String(i)));
        return writer.commit({ ifAbsent: true }).then(
          () => "won",
          (error: { code?: string }) => error.code,
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "won")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "TARGET_EXISTS")).toHaveLength(7);
  });
});
