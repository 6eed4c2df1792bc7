/**
 * What a well-behaved server never does: keys that file systems cannot hold, broken connections, busy servers, changes
 * between two reads.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AddressInfo } from "node:net";
import { s3Storage, type S3Settings } from "../../src/storage/s3/index.js";
import type { Storage } from "../../src/storage/index.js";
import { listAll, readAll } from "./contract.js";
import { answer, refuse, stored, type Stored } from "./fake-s3.js";

let server: Server;
let objects: Map<string, Stored>;
let requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }[];
/** Answers some request in its own way; true when it did. */
let fault: (request: IncomingMessage, response: ServerResponse, count: number) => boolean;
let storage: Storage;
let endpoint = "";

const put = (key: string, body: string | Buffer): void => {
  objects.set(key, stored(body));
};
const open = (more: S3Settings = {}): Storage =>
  s3Storage(() => ({
    endpoint,
    region: "us-east-1",
    accessKeyId: "key",
    secretAccessKey: "hush-Secret",
    maxAttempts: 3,
    ...more,
  }));

beforeEach(async () => {
  objects = new Map();
  requests = [];
  fault = () => false;
  server = createServer((request, response) => {
    requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
    if (!fault(request, response, requests.length)) answer(objects, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  storage = open();
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const failure = (
  work: Promise<unknown>,
): Promise<{ code?: string; message: string; file?: string; hint?: string; cause?: Error }> =>
  work.then(
    () => ({ code: "no error", message: "" }),
    (error: Error) => error as never,
  );

test("keys that no file system holds keep their names: //, dots, control characters, spaces, plus, percent, all of Unicode", async () => {
  const keys = [
    "d//x",
    "d/./y",
    "d/../z",
    "d/a\u0001b",
    "d/a b+c%2B",
    "d/\u{1F600}",
    "d/\uffe5",
    "d/%",
    "d/?q=1#f",
    "d/&amp;",
  ];
  for (const key of keys) put(key, key);
  put("d/", "");
  const refs = await listAll(storage, "s3://bucket/d");
  expect(refs.map(({ path }) => path)).toEqual(keys.map((key) => `s3://bucket/${key}`).sort());
  for (const { path } of refs) expect(`s3://bucket/${await readAll(storage, path)}`).toBe(path);
});

test("a folder of more keys than a page is listed side by side, whole and in order, whatever its folders", async () => {
  for (let i = 0; i < 7000; i++)
    put(
      `t/year=${2000 + (i % 13)}/${i % 3 === 0 ? "x/" : ""}${i}\u{1F600}`.replace(
        "\u{1F600}",
        i % 500 === 0 ? "\u{1F600}" : "",
      ),
      "1",
    );
  put("t/year=2004/", "");
  put("t/year=2004-", "1");
  put("t/zz", "1");
  const files = [...objects.keys()]
    .filter((key) => !key.endsWith("/"))
    .map((key) => `s3://bucket/${key}`)
    .sort();
  expect((await listAll(storage, "s3://bucket/t")).map(({ path }) => path)).toEqual(files);
  expect((await listAll(storage, "s3://bucket")).map(({ path }) => path)).toEqual(files);
  expect(requests.filter(({ url }) => url.includes("start-after")).length).toBeGreaterThan(5);
  // leaving early asks for little more
  const before = requests.length;
  for await (const { path } of storage.list("s3://bucket/t")) {
    expect(path).toBe(files[0]);
    break;
  }
  expect(requests.length - before).toBeLessThan(4);
});

test("a server that knows no order is read to the end and sorted", async () => {
  const xml = (keys: readonly string[], token: string): string =>
    `<ListBucketResult><IsTruncated>${token !== ""}</IsTruncated>${token && `<NextContinuationToken>${token}</NextContinuationToken>`}${keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`).join("")}</ListBucketResult>`;
  fault = (request, response) => {
    if (!(request.url ?? "").includes("list-type")) return false;
    response.end((request.url ?? "").includes("token") ? xml(["d/a", "d/z"], "") : xml(["d/c", "d/b"], "more"));
    return true;
  };
  expect((await listAll(storage, "s3://bucket/d")).map(({ path }) => path)).toEqual(
    ["a", "b", "c", "z"].map((name) => `s3://bucket/d/${name}`),
  );
});

test.each([
  ["a proxy's page", "<html><body>Please log in</body></html>", "is no listing"],
  ["an empty answer", "", "is no listing"],
  [
    "a page that is cut without a token",
    "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>d/a</Key><Size>1</Size></Contents></ListBucketResult>",
    "does not say where it goes on",
  ],
  [
    "a token that leads to itself",
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken><Contents><Key>d/a</Key><Size>1</Size></Contents></ListBucketResult>",
    "cannot be listed",
  ],
])("%s in place of a listing is READ_FAILED, not a folder without files", async (_, body, says) => {
  fault = (request, response) => (request.url ?? "").includes("list-type") && (response.end(body), true);
  const error = await failure(listAll(storage, "s3://bucket/d"));
  expect([error.code, error.message, error.hint]).toEqual([
    "READ_FAILED",
    expect.stringContaining(says),
    expect.any(String),
  ]);
});

describe("reading", () => {
  const body = Buffer.from(Array.from({ length: 700_000 }, (_, i) => `${i}\n`).join(""));

  test("a connection that breaks half-way is taken up where it broke, and every byte is right", async () => {
    put("big", body);
    let broken = 0;
    fault = (request, response) => {
      const [, from = "0"] = /bytes=(\d+)-/.exec(request.headers.range ?? "") ?? [];
      if (Number(from) === 0 || broken >= 4) return false;
      broken++;
      const part = body.subarray(Number(from), Number(from) + 10_000);
      response.writeHead(206, {
        "Content-Length": 1 << 20,
        ETag: `"${objects.get("big")?.etag ?? ""}"`,
        "Content-Range": `bytes ${from}-${Number(from) + (1 << 20) - 1}/${body.length}`,
      });
      response.write(part, () => response.destroy());
      return true;
    };
    expect((await readAll(storage, "s3://bucket/big", 99_991)) === body.toString()).toBe(true);
    expect(broken).toBe(4);
    // each byte once, and one request for each window: what was received is not asked for again
    const ranges = requests.map(({ headers }) => headers.range ?? "");
    expect(new Set(ranges).size).toBe(ranges.length);
  });

  test("a server that is busy is asked again, and given up on in the end", async () => {
    put("f", "12345");
    fault = (_, response, count) => count <= 2 && (refuse(response, 503, "SlowDown"), true);
    expect(await readAll(storage, "s3://bucket/f")).toBe("12345");
    fault = (_, response) => (refuse(response, 503, "SlowDown"), true);
    expect(await failure(storage.open("s3://bucket/f"))).toMatchObject({
      code: "READ_FAILED",
      file: "s3://bucket/f",
      message: expect.stringContaining("fewer requests"),
    });
  });

  test.each([
    ["by If-Match", false],
    ["by the etag of the answer, where If-Match is not heeded", true],
  ])("an object replaced while it is read is SOURCE_CHANGED, %s", async (_, deaf) => {
    put("f", body);
    const reader = await storage.open("s3://bucket/f");
    put("f", Buffer.concat([Buffer.from("x"), body]));
    fault = (request) => {
      if (deaf) delete request.headers["if-match"];
      return false;
    };
    expect(
      await failure(
        (async () => {
          for (let at = 0, n = 1; n > 0; at += n) n = await reader.read(new Uint8Array(50_000), at);
        })(),
      ),
    ).toMatchObject({ code: "SOURCE_CHANGED", file: "s3://bucket/f" });
    await reader.close();
    objects.delete("f");
    // it is closed
    expect(await failure(reader.read(new Uint8Array(1), 400_000))).toMatchObject({ code: "READ_FAILED" });
  });

  test("an object deleted while it is read is SOURCE_VANISHED", async () => {
    put("f", body);
    const reader = await storage.open("s3://bucket/f");
    objects.delete("f");
    expect(await failure(reader.read(new Uint8Array(10), 400_000))).toMatchObject({ code: "SOURCE_VANISHED" });
    await reader.close();
  });

  test("odd places are read by exact ranges, and the first bytes with the first request", async () => {
    put("f", body);
    const reader = await storage.open("s3://bucket/f");
    const into = new Uint8Array(8);
    expect(await reader.read(into, body.length - 8)).toBe(8);
    expect(Buffer.from(into).equals(body.subarray(-8))).toBe(true);
    expect(await reader.read(into, 4)).toBe(8);
    expect(requests.map(({ headers }) => headers.range)).toEqual([
      "bytes=0-65535",
      `bytes=${body.length - 8}-${body.length - 1}`,
    ]);
    await reader.close();
  });

  test("what is never answered is asked three times, whatever maxAttempts says, and then told", async () => {
    put("f", body);
    put("out", "1");
    const patient = open({ maxAttempts: 9, readTimeout: 100 });
    const says = expect.stringContaining("the server does not answer") as string;
    const silent = { code: "READ_FAILED", message: says, hint: expect.any(String) as string };
    fault = () => true;
    const times = (): readonly number[] => {
      const counts = new Map<string, number>();
      for (const { method, url } of requests.splice(0))
        counts.set(`${method} ${url}`, (counts.get(`${method} ${url}`) ?? 0) + 1);
      return [...counts.values()];
    };
    expect(await failure(patient.open("s3://bucket/f"))).toMatchObject({ ...silent, file: "s3://bucket/f" });
    // the first of a GET is made without the SDK
    expect(times()).toEqual([4]);
    expect(await failure(listAll(patient, "s3://bucket/d"))).toMatchObject({ ...silent, file: "s3://bucket/d" });
    expect(new Set(times())).toEqual(new Set([3]));
    expect(await failure(patient.stat("s3://bucket/f"))).toMatchObject(silent);
    expect(times()).toEqual([3]);
    expect(await failure(patient.remove("s3://bucket/f"))).toMatchObject({ code: "WRITE_FAILED" });
    expect(times()).toEqual([3]);
  });

  test("a body that stops coming is asked for again, and given up after three times as long without a byte", async () => {
    put("f", body);
    const patient = open({ maxAttempts: 9, readTimeout: 100 });
    const reader = await patient.open("s3://bucket/f");
    fault = ({ headers: { range = "" } }, response) => {
      const [, from = "0"] = /bytes=(\d+)-/.exec(range) ?? [];
      const place = `bytes ${from}-${Number(from) + (1 << 20) - 1}/${body.length}`;
      response.writeHead(206, {
        "Content-Length": 1 << 20,
        ETag: `"${objects.get("f")?.etag ?? ""}"`,
        "Content-Range": place,
      });
      if (Number(from) < 200_000) response.write(body.subarray(Number(from), Number(from) + 70_000));
      else response.flushHeaders();
      return true;
    };
    requests = [];
    const read = async (): Promise<void> => {
      for (let at = 65_536, n = 1; n > 0; at += n) n = await reader.read(new Uint8Array(50_000), at);
    };
    expect(await failure(read())).toMatchObject({
      code: "READ_FAILED",
      message: expect.stringContaining("the server does not answer") as string,
    });
    const asked = requests
      .map(({ headers }) => Number(/bytes=(\d+)-/.exec(headers.range ?? "")?.[1]))
      .filter((from) => from < 1_000_000);
    expect(asked.slice(0, 3)).toEqual([65_536, 115_536, 185_536]);
    // what brings bytes goes on; silence is met three times at most
    expect(asked.slice(3).every((from) => from === 255_536) && asked.length <= 6).toBe(true);
    await reader.close();
  });

  test("a server that does not answer at all is an error with the address, never a secret", async () => {
    server.close();
    server.closeAllConnections();
    const error = await failure(storage.open("s3://bucket/f"));
    expect(error).toMatchObject({ code: "READ_FAILED", file: "s3://bucket/f", hint: expect.any(String) });
    expect(JSON.stringify([error, error.message, error.cause?.stack])).not.toContain("hush");
  });
});

describe("requests", () => {
  test("anonymous ones are not signed; others are; requester pays says so", async () => {
    put("f", "1");
    await readAll(
      open({ anonymous: true, accessKeyId: undefined, secretAccessKey: undefined } as never),
      "s3://bucket/f",
    );
    await readAll(open({ requesterPays: true }), "s3://bucket/f");
    expect(
      requests.map(({ headers }) => [headers.authorization === undefined, headers["x-amz-request-payer"]]),
    ).toEqual([
      [true, undefined],
      [false, "requester"],
    ]);
    await listAll(open({ requesterPays: true }), "s3://bucket/f");
    expect(requests.slice(2).every(({ headers }) => headers["x-amz-request-payer"] === "requester")).toBe(true);
  });

  test("a session token is sent, and such keys are not given to an engine", async () => {
    put("f", "1");
    const temporary = open({ sessionToken: "a-token" });
    await readAll(temporary, "s3://bucket/f");
    expect(requests[0]?.headers["x-amz-security-token"]).toBe("a-token");
    expect(await temporary.engineAccess?.("s3://bucket/f")).toBeUndefined();
    expect(await storage.engineAccess?.("s3://bucket/f")).toMatchObject({
      url: "s3://bucket/f",
      endpoint,
      pathStyle: true,
    });
  });

  test("a condition that the server does not know is left out, when the name was free just before", async () => {
    const puts: (string | undefined)[] = [];
    fault = (request, response) => {
      if (request.method !== "PUT") return false;
      puts.push(request.headers["if-none-match"] as string | undefined);
      if (request.headers["if-none-match"] !== undefined) refuse(response, 501, "NotImplemented");
      else {
        put("new", "12");
        response.setHeader("ETag", `"${objects.get("new")?.etag ?? ""}"`);
        response.end();
      }
      return true;
    };
    const local = join(mkdtempSync(join(tmpdir(), "dyna-faults-")), "local");
    writeFileSync(local, "12");
    expect(await storage.publish(local, "s3://bucket/new", { ifAbsent: true })).toMatchObject({
      path: "s3://bucket/new",
      size: 2,
    });
    expect(puts).toEqual(["*", undefined]);
    writeFileSync(local, "12");
    expect(await failure(storage.publish(local, "s3://bucket/new", { ifAbsent: true }))).toMatchObject({
      code: "TARGET_EXISTS",
    });
    rmSync(dirname(local), { recursive: true });
  });
});

test.each([
  ["s3://", "BAD_ADDRESS"],
  ["s3:///key", "BAD_ADDRESS"],
  ["s3://user:password@bucket/key", "BAD_ADDRESS"],
  ["s3://@bucket/key", "BAD_ADDRESS"],
  ["s3://%zz@bucket/key", "BAD_ADDRESS"],
])("%s is %s and repeats no password", async (address, code) => {
  const error = await failure(storage.open(address));
  expect(error.code).toBe(code);
  expect(JSON.stringify([error, error.message])).not.toContain("password");
});

test.each<[S3Settings, string]>([
  [{ accessKeyId: "a" }, "s3.secretAccessKey"],
  [{ anonymous: true, accessKeyId: "a", secretAccessKey: "b" }, "s3.anonymous"],
  [{ endpoint: "localhost:9000" }, "s3.endpoint"],
  [{ endpoint: "http://user:pass@host" }, "s3.endpoint"],
  [{ readTimeout: 0 }, "s3.readTimeout"],
  [{ readTimeout: NaN }, "s3.readTimeout"],
])("settings that cannot be are BAD_OPTION: %#", async (settings, path) => {
  expect(await failure(s3Storage(() => settings).open("s3://bucket/key"))).toMatchObject({ code: "BAD_OPTION", path });
});

test("addresses have one spelling", () => {
  expect(storage.resolve("s3a://bucket/a//b/")).toBe("s3://bucket/a//b");
  expect(storage.resolve("S3N://bucket/")).toBe("s3://bucket");
  expect(storage.resolve("s3://my%20lake@bucket/a%20b")).toBe("s3://my%20lake@bucket/a%20b");
  expect(storage.accepts("s3:/bucket")).toBe(false);
});
