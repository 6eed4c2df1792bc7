/** Requests signed without the SDK are those that the SDK makes: the same place, the same signature. */
import { S3Client } from "@aws-sdk/client-s3";
import * as sdk from "@aws-sdk/client-s3";
import { getSigner } from "../../src/storage/s3/sign-get.js";

const NOW = Date.UTC(2026, 1, 3, 4, 5, 6);
beforeEach(() => {
  jest.useFakeTimers({
    now: NOW,
    doNotFake: [
      "setTimeout",
      "setImmediate",
      "nextTick",
      "queueMicrotask",
      "clearTimeout",
      "setInterval",
      "clearInterval",
    ],
  });
});
afterEach(() => {
  jest.useRealTimers();
});

const KEYS = [
  "plain",
  "a/b/c.json",
  "d//x",
  "d/./y",
  "d/../z",
  "a b+c%2B",
  "\u{1F600}/é",
  "!'()*",
  "?q=1#f",
  "&amp;",
  "~-._",
  "day=2024-01-01/f",
];
const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };

type Seen = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query: { readonly [name: string]: string };
  readonly headers: { readonly [name: string]: string };
};

type Built = { readonly request: { headers: { [name: string]: string } } };

/**
 * The request that the SDK would send, signed by it over the same headers as ours: those of its user agent and its
 * tries are left out.
 */
async function bySdk(client: S3Client, bucket: string, key: string): Promise<Seen> {
  const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
  let seen: unknown;
  const onlyHost =
    (next: (args: Built) => Promise<unknown>) =>
    async (args: Built): Promise<unknown> => {
      const { request } = args;
      request.headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => name.toLowerCase() === "host"),
      );
      return next(args);
    };
  command.middlewareStack.addRelativeTo(
    onlyHost as unknown as Parameters<typeof command.middlewareStack.addRelativeTo>[0],
    { relation: "before", toMiddleware: "httpSigningMiddleware", name: "onlyHost" },
  );
  command.middlewareStack.add(
    () => async (args) => {
      seen = args.request;
      throw new Error("stop");
    },
    { step: "deserialize", priority: "low" },
  );
  await client.send(command).catch(() => undefined);
  return seen as Seen;
}

test.each([
  ["a server by path", { endpoint: "http://127.0.0.1:9000", forcePathStyle: true, region: "eu-west-1" }],
  ["AWS by host", { region: "us-west-2" }],
  ["temporary keys", { region: "us-west-2", credentials: { ...keys, sessionToken: "token/with+signs==" } }],
])("%s: each key has the SDK's path, and its signature over the same headers", async (_, settings) => {
  const client = new S3Client({
    credentials: keys,
    responseChecksumValidation: "WHEN_REQUIRED",
    requestChecksumCalculation: "WHEN_REQUIRED",
    ...settings,
  });
  const sign = getSigner(sdk, client, {});
  for (const key of KEYS) {
    const theirs = await bySdk(client, "bucket", key);
    const ours = await sign("bucket", key);
    const query = Object.entries(theirs.query)
      .map(([name, value]) => `${name}=${value}`)
      .join("&");
    expect({ hostname: ours?.hostname, port: ours?.port, secure: ours?.secure, path: ours?.path }).toEqual({
      hostname: theirs.hostname,
      port: theirs.port,
      secure: theirs.protocol === "https:",
      path: `${theirs.path}${query === "" ? "" : `?${query}`}`,
    });
    expect(ours?.headers).toEqual(theirs.headers);
  }
});

test("unsigned, requester pays, and what is not S3's Signature Version 4", async () => {
  const anonymous = new S3Client({
    region: "us-east-1",
    credentials: { accessKeyId: "", secretAccessKey: "" },
    signer: { sign: async (request) => request },
  });
  expect((await getSigner(sdk, anonymous, {})("bucket", "k"))?.headers).toEqual({
    host: "bucket.s3.us-east-1.amazonaws.com",
  });
  const client = new S3Client({ region: "us-east-1", credentials: keys });
  const paid = await getSigner(sdk, client, { RequestPayer: "requester" })("bucket", "k", { range: "bytes=0-9" });
  expect(paid?.headers).toMatchObject({ "x-amz-request-payer": "requester", range: "bytes=0-9" });
  expect(paid?.headers["authorization"]).toContain("x-amz-request-payer");
  // a multi-region access point is signed with asymmetric keys: the SDK's business
  expect(await getSigner(sdk, client, {})("arn:aws:s3::123456789012:accesspoint/mrap.mrap", "k")).toBeUndefined();
});
