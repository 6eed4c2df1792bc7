/**
 * GETs of objects, signed without the SDK: of a request for a small object its machinery takes four fifths of the CPU
 * time. The SDK says for each bucket where it lies and how it is signed; what is not signed by Signature Version 4 for
 * S3 stays with the SDK (decision 0136).
 */
import type { GetObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import type { PlainRequest } from "../index.js";
import {
  amzDate,
  authorizationOf,
  sha256,
  signature,
  signingKey,
  type Credentials,
  type SigningScope,
} from "../signature-v4.js";
import type { Sdk } from "./client.js";

/** Undefined where the SDK must ask itself. `headers` are sent beside the signed ones. */
export type GetSigner = (
  bucket: string,
  key: string,
  headers?: { readonly [name: string]: string },
) => Promise<PlainRequest | undefined>;

/** How objects of one bucket are asked for. */
type Form = Pick<PlainRequest, "secure" | "hostname" | "port"> & {
  readonly host: string;
  /** Before the key, and behind it. */
  readonly before: string;
  readonly after: string;
  /** Undefined: requests are not signed. */
  readonly scope: Pick<SigningScope, "region" | "service"> | undefined;
};

type Payer = Pick<GetObjectCommandInput, "RequestPayer">;

export function getSigner(sdk: Sdk, client: S3Client, payer: Payer): GetSigner {
  const forms = new Map<string, Promise<Form | undefined>>();
  const keys = keyMaker();
  const payerHeaders = payer.RequestPayer === undefined ? {} : { "x-amz-request-payer": payer.RequestPayer };
  return async (bucket, key, more = {}) => {
    const known = forms.get(bucket) ?? formOf(sdk, client, bucket, payer);
    forms.set(bucket, known);
    const form = await known;
    if (form === undefined) return undefined;
    const { secure, hostname, port, scope } = form;
    const path = `${form.before}${encodedKey(key)}${form.after}`;
    if (scope === undefined)
      return { secure, hostname, port, path, headers: { host: form.host, ...payerHeaders, ...more } };
    const signed = signedHeaders(
      await client.config.credentials(),
      { host: form.host, ...payerHeaders },
      path,
      scope,
      keys,
    );
    return { secure, hostname, port, path, headers: { ...signed, ...more } };
  };
}

const PROBE = "probe";

/** As the SDK would ask for a key, told by a request that it signs and that is stopped before it leaves. */
async function formOf(sdk: Sdk, client: S3Client, bucket: string, payer: Payer): Promise<Form | undefined> {
  const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: PROBE, ...payer });
  let request: unknown;
  command.middlewareStack.add(
    () => async (args) => {
      request = args.request;
      throw new Error("seen");
    },
    { step: "deserialize", priority: "low", name: "dynaframeSeen" },
  );
  // credentials that are missing are told by the request that needs them
  await client.send(command).catch(() => undefined);
  return isRequest(request) ? readForm(request) : undefined;
}

type SdkRequest = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query: { readonly [name: string]: unknown };
  readonly headers: { readonly [name: string]: string };
};

const isRequest = (value: unknown): value is SdkRequest =>
  typeof value === "object" && value !== null && "hostname" in value && "path" in value && "headers" in value;

function readForm({ protocol, hostname, port, path, query = {}, headers }: SdkRequest): Form | undefined {
  const { authorization, host } = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const [, region, service] =
    /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request,/.exec(authorization ?? "") ?? [];
  const signed = region !== undefined && service !== undefined;
  if (
    (authorization !== undefined && (!signed || service !== "s3"))
    || !path.endsWith(`/${PROBE}`)
    || !["http:", "https:"].includes(protocol)
  )
    return undefined;
  const after = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value ?? ""))}`)
    .join("&");
  return {
    secure: protocol === "https:",
    hostname,
    port,
    host: host ?? `${hostname}${port === undefined ? "" : `:${port}`}`,
    before: path.slice(0, -PROBE.length),
    after: after === "" ? "" : `?${after}`,
    scope: signed ? { region, service } : undefined,
  };
}

/** Each byte but letters, digits and -._~ as %XX, slashes as they are (S3 API reference, "Signature calculations"). */
const encodedKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/");

const NO_BODY = sha256("");

function signedHeaders(
  credentials: Credentials,
  plain: { readonly [name: string]: string },
  path: string,
  { region, service }: Pick<SigningScope, "region" | "service">,
  keys: KeyMaker,
): { readonly [name: string]: string } {
  const time = amzDate(Date.now());
  const scope = { date: time.slice(0, 8), region, service };
  const all: { readonly [name: string]: string } = {
    ...plain,
    "x-amz-content-sha256": NO_BODY,
    "x-amz-date": time,
    ...(credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken }),
  };
  const headers = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const signed = signature(
    keys(credentials.secretAccessKey, scope),
    { method: "GET", url: path, headers, bodyHash: NO_BODY },
    time,
    scope,
  );
  return {
    ...all,
    authorization: authorizationOf(
      credentials.accessKeyId,
      scope,
      headers.map(([name]) => name),
      signed,
    ),
  };
}

type KeyMaker = (secret: string, scope: SigningScope) => Uint8Array;

/** The last key made is kept: it holds for a day. */
function keyMaker(): KeyMaker {
  let last: { readonly secret: string; readonly scope: SigningScope; readonly key: Uint8Array } | undefined;
  return (secret, scope) => {
    if (
      last === undefined
      || last.secret !== secret
      || last.scope.date !== scope.date
      || last.scope.region !== scope.region
    )
      last = { secret, scope, key: signingKey(secret, scope) };
    return last.key;
  };
}
