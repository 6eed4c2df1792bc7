import type { Catalog } from "../catalog/index.js";
import type { NestedStores } from "./nested-catalogs.js";
import type { ServerParts } from "./server-parts.js";

/** One line of the log: one request. */
export type LogEntry = {
  readonly level: "info" | "error";
  readonly time: string;
  readonly requestId: string;
  readonly operation: string;
  readonly status: number;
  readonly ms: number;
  readonly accessKey?: string;
  /** The error's name and message as the client got them. */
  readonly error?: string;
  readonly message?: string;
  /** What really happened, when the server is at fault. */
  readonly fault?: string;
};

export type ServerOptions = {
  readonly open: () => Promise<Catalog>;
  /** Where CreateCatalog keeps catalogs; without it there are none but the account's own. */
  readonly nested?: NestedStores;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free one; default 9400. */
  readonly port?: number;
  readonly accountId: string;
  /** In ARNs; signatures of any region are taken. Default us-east-1. */
  readonly region?: string;
  /** Secret access keys by access key id. */
  readonly keys?: ReadonlyMap<string, string>;
  /** Those of the keys whose holders work with data only, see `guest-access.ts`. */
  readonly guests?: ReadonlySet<string>;
  /** Takes unsigned requests; on loopback addresses only. */
  readonly insecureNoAuth?: boolean;
  /** False takes signatures of any age; default true. */
  readonly checkSignatureAge?: boolean;
  /** Milliseconds since the epoch; default Date.now. */
  readonly clock?: () => number;
  /** Bytes of a request's body; default 16 MB. */
  readonly bodyLimit?: number;
  /** How long a client may take for the headers, and for a whole request; default 10 s and 30 s. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly log?: (entry: LogEntry) => void;
  /** Gives an empty catalog in place of the one before, for `POST /reset`; without it there is no such route. */
  readonly reset?: () => Promise<Catalog>;
  readonly parts?: ServerParts;
};

export type GlueServer = {
  /** `http://127.0.0.1:9400` */
  readonly endpoint: string;
  readonly port: number;
  /** Takes no new requests, finishes those that have begun, closes the catalog. Safe to call twice. */
  close(): Promise<void>;
};
