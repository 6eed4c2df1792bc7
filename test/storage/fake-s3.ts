/**
 * As much of S3 as reading meets, over objects in memory; tests put their faults in front of it. Any key, any bucket
 * named `bucket`.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

export type Stored = { readonly body: Buffer; readonly etag: string };
export type Objects = ReadonlyMap<string, Stored>;

export function stored(body: string | Buffer): Stored {
  const bytes = Buffer.from(body);
  return { body: bytes, etag: createHash("md5").update(bytes).digest("hex") };
}

const SORTED = new WeakMap<Objects, readonly string[]>();

/** Sorted once for as long as none comes or goes. */
function sortedKeys(objects: Objects): readonly string[] {
  const known = SORTED.get(objects);
  if (known?.length === objects.size) return known;
  const sorted = [...objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  SORTED.set(objects, sorted);
  return sorted;
}

/** Answers a request for the objects of a bucket as S3 does. */
export function answer(objects: Objects, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://localhost");
  if (url.searchParams.get("list-type") === "2") return list(objects, url.searchParams, response);
  const object = objects.get(decodeURIComponent((request.url ?? "").split("?")[0]?.replace(/^\/bucket\//, "") ?? ""));
  if (object === undefined) return refuse(response, 404, "NoSuchKey");
  const { "if-match": wanted, range } = request.headers;
  if (wanted !== undefined && wanted !== `"${object.etag}"`) return refuse(response, 412, "PreconditionFailed");
  const [, from = "0", to = ""] = /bytes=(\d+)-(\d*)/.exec(range ?? "") ?? [];
  if (range !== undefined && Number(from) >= object.body.length) return refuse(response, 416, "InvalidRange");
  const part = object.body.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
  response.writeHead(range === undefined ? 200 : 206, {
    ETag: `"${object.etag}"`,
    "Content-Length": part.length,
    "Last-Modified": new Date(0).toUTCString(),
    ...(range === undefined
      ? {}
      : { "Content-Range": `bytes ${from}-${Number(from) + part.length - 1}/${object.body.length}` }),
  });
  response.end(request.method === "HEAD" ? undefined : part);
}

/** Pages of 1000 by UTF-8 order, as S3 gives them. */
function list(objects: Objects, query: URLSearchParams, response: ServerResponse): void {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const keys = sortedKeys(objects).filter((key) => key.startsWith(prefix));
  const entries = new Map<string, string>();
  for (const key of keys) {
    const cut = query.get("delimiter") === "/" ? key.indexOf("/", prefix.length) : -1;
    const name = cut < 0 ? key : key.slice(0, cut + 1);
    if (entries.size > 1000 || Buffer.compare(Buffer.from(name), Buffer.from(after)) <= 0) continue;
    const encoded = encodeURIComponent(name).replaceAll("%20", "+");
    entries.set(
      name,
      cut < 0
        ? `<Contents><Key>${encoded}</Key><Size>${objects.get(key)?.body.length ?? 0}</Size><ETag>&quot;${objects.get(key)?.etag ?? ""}&quot;</ETag><LastModified>1970-01-01T00:00:00.000Z</LastModified></Contents>`
        : `<CommonPrefixes><Prefix>${encoded}</Prefix></CommonPrefixes>`,
    );
  }
  const page = [...entries].slice(0, 1000);
  const more = entries.size > page.length;
  const token = encodeURIComponent(page.at(-1)?.[0] ?? "").replaceAll("%20", "+");
  response.end(
    `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${decodeURIComponent(token)}</NextContinuationToken>` : ""}${page.map(([, xml]) => xml).join("")}</ListBucketResult>`,
  );
}

export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "Content-Type": "application/xml" });
  response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
}
