/** How a bucket is reached. Everything left out comes from where the AWS SDK looks: environment, profile, instance. */
export type S3Settings = {
  /**
   * Of an S3-compatible server, e.g. `http://localhost:9000`. Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, then
   * AWS itself.
   */
  readonly endpoint?: string;
  /** Default: the SDK's, then `us-east-1`; a bucket of another region of AWS is found by itself. */
  readonly region?: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. Default: true with an endpoint, else false. */
  readonly forcePathStyle?: boolean;
  /** Key, secret and session token; default: where the AWS SDK looks for them. */
  readonly accessKeyId?: string;
  /** Belongs to `accessKeyId`. */
  readonly secretAccessKey?: string;
  /** Of temporary keys. */
  readonly sessionToken?: string;
  /** Sends requests unsigned, for public buckets. */
  readonly anonymous?: boolean;
  /** Agrees to be billed for the requests. */
  readonly requesterPays?: boolean;
  /** Tries per request, the first included; between them waits grow and are jittered. Default 5. */
  readonly maxAttempts?: number;
  /**
   * Milliseconds without a byte after which a request counts as not answered; it is tried three times at most. Default
   * 60,000.
   */
  readonly readTimeout?: number;
};

export type EffectiveS3Settings = S3Settings & { readonly maxAttempts: number; readonly readTimeout: number };

/** The settings with the endpoint of the environment and the defaults that depend on each other. */
export function effectiveSettings(
  settings: S3Settings,
  environment: NodeJS.ProcessEnv = process.env,
): EffectiveS3Settings {
  const endpoint =
    settings.endpoint ?? nonEmpty(environment["AWS_ENDPOINT_URL_S3"]) ?? nonEmpty(environment["AWS_ENDPOINT_URL"]);
  return {
    ...settings,
    maxAttempts: settings.maxAttempts ?? 5,
    readTimeout: settings.readTimeout ?? 60_000,
    ...(endpoint === undefined
      ? {}
      : { endpoint, forcePathStyle: settings.forcePathStyle ?? !/\.amazonaws\.com(\.cn)?(:\d+)?\/?$/i.test(endpoint) }),
  };
}

const nonEmpty = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
