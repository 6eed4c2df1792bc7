/** DuckDB's own S3 reader: an extension that users install, used for Parquet where it loads (decision 0021). */
import { createHash } from "node:crypto";
import type { EngineAccess } from "../../storage/index.js";
import type { RunOptions } from "../index.js";
import { identifier, text } from "./quote.js";
import type { Workspace } from "./workspace.js";

/**
 * To DuckDB a path is a pattern and what follows `?` are settings: only keys that cannot be misread are given to it.
 */
const PLAIN_URL = /^s3:\/\/[A-Za-z0-9._-]+\/[A-Za-z0-9._\-/=]+$/;

export class Httpfs {
  private loading: Promise<string | undefined> | undefined;
  /** What the secret of each bucket was made from. */
  private readonly secrets = new Map<string, string>();

  constructor(private readonly workspace: Workspace) {}

  /** Why files cannot be read so, or undefined when they can. Tried once. */
  refusal(): Promise<string | undefined> {
    this.loading ??= this.load();
    return this.loading;
  }

  /** What DuckDB may open, once its secret is there; undefined when the bytes must come another way. */
  async urlFor(access: EngineAccess, options: RunOptions): Promise<string | undefined> {
    if ((await this.refusal()) !== undefined || !this.takes(access)) return undefined;
    const { bucket, parts, made } = secretOf(access);
    if (this.secrets.has(bucket)) return access.url;
    // an error of the statement would repeat it, keys and all: it is dropped
    const done = await this.workspace
      .use(options, "query", (channel) =>
        channel.run(`CREATE OR REPLACE TEMPORARY SECRET ${identifier(bucket)} (${parts.join(", ")})`),
      )
      .then(
        () => true,
        () => false,
      );
    if (!done) return undefined;
    this.secrets.set(bucket, made);
    return access.url;
  }

  /**
   * Whether a file can be read so, where the extension loads: its key must be one that cannot be misread, and its
   * bucket have no other secret.
   */
  takes(access: EngineAccess): boolean {
    const { bucket, made } = secretOf(access);
    return PLAIN_URL.test(access.url) && (this.secrets.get(bucket) ?? made) === made;
  }

  private async load(): Promise<string | undefined> {
    const { httpfs = "auto" } = this.workspace.environment;
    if (httpfs === "off") return "httpfs is turned off";
    const loaded = await this.workspace
      .use({}, "query", (channel) => channel.run(`LOAD ${httpfs === "auto" ? "httpfs" : text(httpfs)}`))
      .then(
        () => true,
        () => false,
      );
    if (loaded) return undefined;
    return httpfs === "auto" ? "httpfs is not installed" : `httpfs cannot be loaded from ${httpfs}`;
  }
}

/** The secret that a file needs, and a digest of it: the keys are not kept here a second time. */
function secretOf(access: EngineAccess): {
  readonly bucket: string;
  readonly parts: readonly string[];
  readonly made: string;
} {
  const bucket = access.url.slice(0, access.url.indexOf("/", "s3://".length) + 1);
  const parts = secretParts(access, bucket);
  return { bucket, parts, made: createHash("sha256").update(JSON.stringify(parts)).digest("base64") };
}

/** Members of CREATE SECRET. One secret serves one bucket. */
function secretParts(
  { endpoint, region, pathStyle, keys, requesterPays }: EngineAccess,
  bucket: string,
): readonly string[] {
  const server = /^(https?):\/\/([^/]+)/i.exec(endpoint ?? "");
  return [
    "TYPE s3",
    `SCOPE ${text(bucket)}`,
    `REGION ${text(region)}`,
    `URL_STYLE ${text(pathStyle ? "path" : "vhost")}`,
    ...(server === null
      ? []
      : [`ENDPOINT ${text(server[2] ?? "")}`, `USE_SSL ${server[1]?.toLowerCase() === "https"}`]),
    ...(keys === undefined ? [] : [`KEY_ID ${text(keys.accessKeyId)}`, `SECRET ${text(keys.secretAccessKey)}`]),
    ...(requesterPays ? ["REQUESTER_PAYS true"] : []),
  ];
}
