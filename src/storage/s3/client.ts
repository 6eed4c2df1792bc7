/** The AWS SDK's client for one group of settings, loaded when a bucket is first touched. */
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { DynaframeError } from "../../types/error.js";
import { loadOptional } from "../../types/load-optional.js";
import type { PlainGet } from "../plain-get.js";
import { effectiveSettings, type EffectiveS3Settings, type S3Settings } from "./settings.js";
import { boundSilence } from "./silence.js";
import { getSigner, type GetSigner } from "./sign-get.js";

export type Sdk = typeof import("@aws-sdk/client-s3");

/** A client with what each command needs beside it. */
export type S3Session = {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly settings: EffectiveS3Settings;
  /** Members of every command on objects and buckets. */
  readonly payer: { readonly RequestPayer?: "requester" };
  /** GETs of objects without the SDK, which asks itself where they are not answered. */
  readonly gets: { readonly sign: GetSigner; readonly send: PlainGet };
};

const CONNECT_MS = 10_000;
const SOCKETS = 64;

/** @throws OPTIONAL_DEPENDENCY without the SDK, BAD_OPTION for settings that contradict each other. */
export async function openS3Session(given: S3Settings): Promise<S3Session> {
  const settings = effectiveSettings(given);
  check(settings);
  const sdk = await loadOptional("@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"), "Reading and writing s3://");
  const client = new sdk.S3Client(clientConfig(settings));
  boundSilence(client);
  if (settings.requesterPays === true) agreeToPay(client);
  const payer = settings.requesterPays === true ? ({ RequestPayer: "requester" } as const) : {};
  const { plainGets } = await import("../plain-get.js"); // Node's client takes a while to load
  return {
    sdk,
    client,
    settings,
    payer,
    gets: { sign: getSigner(sdk, client, payer), send: plainGets(SOCKETS, settings.readTimeout) },
  };
}

/**
 * The commands say it themselves, save the one by which the SDK takes back the parts of an upload that failed: they
 * would stay, and cost.
 */
function agreeToPay(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args;
      if (hasHeaders(request)) request.headers["x-amz-request-payer"] = "requester";
      return next(args);
    },
    { step: "build", name: "dynaframeAgreeToPay" },
  );
}

const hasHeaders = (request: unknown): request is { readonly headers: Record<string, string> } =>
  typeof request === "object" && request !== null && "headers" in request;

function check({ accessKeyId, secretAccessKey, sessionToken, anonymous, endpoint, readTimeout = 1 }: S3Settings): void {
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new DynaframeError("BAD_OPTION", "S3 settings need accessKeyId and secretAccessKey together", {
      path: accessKeyId === undefined ? "s3.accessKeyId" : "s3.secretAccessKey",
      hint: "Give both, or neither for the SDK's own search.",
    });
  }
  if (anonymous === true && (accessKeyId !== undefined || sessionToken !== undefined)) {
    throw new DynaframeError("BAD_OPTION", "S3 settings are anonymous and have keys", {
      path: "s3.anonymous",
      hint: "Leave one of the two out.",
    });
  }
  if (endpoint !== undefined && !/^https?:\/\/[^/?#@]+\/?$/i.test(endpoint)) {
    throw new DynaframeError("BAD_OPTION", "the S3 endpoint is not an address of a server", {
      path: "s3.endpoint",
      expected: "http://host:port or https://host",
      hint: "Give scheme, host and port only: no bucket, no user.",
    });
  }
  // setTimeout takes no more
  if (!(Number.isInteger(readTimeout) && readTimeout >= 1 && readTimeout <= 2_147_483_647)) {
    throw new DynaframeError("BAD_OPTION", "readTimeout of the S3 settings takes milliseconds", {
      path: "s3.readTimeout",
      expected: "a whole number from 1 to 2147483647",
      found: String(readTimeout),
      hint: "Give s3: { readTimeout: 60000 }.",
    });
  }
}

function clientConfig(settings: EffectiveS3Settings): S3ClientConfig {
  const {
    endpoint,
    region,
    forcePathStyle,
    accessKeyId,
    secretAccessKey,
    sessionToken,
    anonymous,
    maxAttempts,
    readTimeout,
  } = settings;
  const agent = { maxSockets: SOCKETS, keepAlive: true };
  const knownRegion = region ?? (endpoint === undefined ? undefined : (process.env["AWS_REGION"] ?? "us-east-1"));
  return {
    maxAttempts,
    retryMode: "standard",
    followRegionRedirects: endpoint === undefined,
    // servers that are only like S3 refuse checksums that they were not asked for; bytes are guarded by etag and length
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: readTimeout, httpAgent: agent, httpsAgent: agent },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(knownRegion === undefined ? {} : { region: knownRegion }),
    ...(forcePathStyle === undefined ? {} : { forcePathStyle }),
    ...(anonymous === true ? UNSIGNED : {}),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  };
}

const UNSIGNED: Pick<S3ClientConfig, "credentials" | "signer"> = {
  credentials: { accessKeyId: "", secretAccessKey: "" },
  signer: { sign: async (request) => request },
};
