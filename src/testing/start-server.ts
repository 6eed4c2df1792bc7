import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openServer } from "../server/open-server.js";

/** A Glue server of a test's own, on a catalog in a temporary folder. */
export type TestServer = AsyncDisposable & {
  /** For the `endpoint` of an AWS SDK, or `--endpoint-url`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Empties the catalog; `POST /reset` does the same from other languages. */
  reset(): Promise<void>;
  /** Stops the server and removes its catalog; safe to call twice. */
  close(): Promise<void>;
};

/** What the server says it is; all of it may be left out. */
export type TestServerOptions = {
  /** Default: a free port of 127.0.0.1. */
  readonly port?: number;
  /** Default 123456789012, as tools expect. */
  readonly accountId?: string;
  /** Default us-east-1. */
  readonly region?: string;
  /** The key that clients sign with; default: one made for this server. */
  readonly credentials?: TestServer["credentials"];
  /** Milliseconds since the epoch, for times in the catalog and the age of signatures. */
  readonly clock?: () => number;
  /** False takes signatures of any age, for suites that freeze the client's clock; default true. */
  readonly checkSignatureAge?: boolean;
  /** Gives what SECRET_ID of a connection stands for; default: the folder that `DYNAFRAME_SECRETS` names. */
  readonly secrets?: (secretId: string) => Promise<{ readonly [member: string]: string }>;
};

/**
 * A Glue endpoint on a fresh, empty catalog, in place of a mock: `await using server = await startServer();` then
 * `new GlueClient({ endpoint: server.endpoint, region: server.region, credentials: server.credentials })`.
 */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const {
    port = 0,
    region = "us-east-1",
    credentials = { accessKeyId: "dynaframe", secretAccessKey: randomBytes(24).toString("base64url") },
    ...others
  } = options;
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-server-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const server = await openServer({
      ...others,
      port,
      region,
      testing: true,
      catalog: folder,
      keys: new Map([[credentials.accessKeyId, credentials.secretAccessKey]]),
    });
    const close = async (): Promise<void> => {
      try {
        await server.close();
      } finally {
        await remove();
      }
    };
    const reset = async (): Promise<void> => {
      await fetch(`${server.endpoint}/reset`, { method: "POST" });
    };
    return { endpoint: server.endpoint, region, credentials, reset, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await remove();
    throw error;
  }
}
