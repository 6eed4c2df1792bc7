/**
 * A queue of Amazon SQS, or of a server like it, by its ARN: the AWS JSON 1.0 protocol (SQS API reference), without a
 * client of its own.
 */
import { type Credentials, signedHeaders } from "../../storage/signature-v4.js";
import { DynaframeError } from "../../types/error.js";
import { loadOptional } from "../../types/load-optional.js";
import type { EventQueue, QueueMessage } from "./event-queue.js";

/** How a queue of SQS is reached. */
export type SqsSettings = {
  /** Of an SQS-compatible server; default AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, then AWS itself. */
  readonly endpoint?: string;
  /** Default: the environment's keys, then where the AWS SDK looks for them, which needs `@aws-sdk/client-s3`. */
  readonly credentials?: Credentials;
  /** Seconds for which messages that were read stay hidden from other readers; default 900. */
  readonly visibilitySeconds?: number;
};

/** Messages of one request. */
const AT_ONCE = 10;
/** Messages of one crawl; the others are for the next. */
const MOST = 100_000;
const TRIES = 4;
const FIRST_WAIT_MS = 100;
const TIMEOUT_MS = 30_000;

/**
 * Waits a second for messages to come before it takes the queue for empty.
 * @throws INVALID_CRAWLER for an address that is no ARN of a queue, EVENT_QUEUE_FAILED when the queue cannot be reached
 * or refuses.
 */
export function sqsQueue(arn: string, settings: SqsSettings = {}): EventQueue {
  const queue = parseArn(arn);
  const { visibilitySeconds = 900 } = settings;
  let opened: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => (opened ??= openQueueUrl(queue, settings));
  return {
    async receive() {
      const { call, url } = await open();
      const messages: QueueMessage[] = [];
      while (messages.length < MOST) {
        const { Messages: some = [] } = await call<ReceiveAnswer>("ReceiveMessage", {
          QueueUrl: url,
          MaxNumberOfMessages: AT_ONCE,
          WaitTimeSeconds: 1,
          VisibilityTimeout: visibilitySeconds,
        });
        if (some.length === 0) break;
        for (const { Body = "", ReceiptHandle = "" } of some) messages.push({ body: Body, receipt: ReceiptHandle });
      }
      return messages;
    },
    async delete(receipts) {
      const { call, url } = await open();
      for (let from = 0; from < receipts.length; from += AT_ONCE) {
        const Entries = receipts
          .slice(from, from + AT_ONCE)
          .map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
        const { Failed: failed = [] } = await call<DeleteAnswer>("DeleteMessageBatch", { QueueUrl: url, Entries });
        const [problem] = failed.filter(({ Code = "" }) => !GONE.test(Code));
        if (problem !== undefined) throw queueError(arn, `DeleteMessageBatch: ${problem.Code ?? "failed"}`);
      }
    },
  };
}

/** The message was deleted, or came to another reader, meanwhile. */
const GONE = /ReceiptHandleIsInvalid|MessageNotInflight/;

type ReceiveAnswer = { readonly Messages?: readonly { readonly Body?: string; readonly ReceiptHandle?: string }[] };
type DeleteAnswer = { readonly Failed?: readonly { readonly Id?: string; readonly Code?: string }[] };
type Call = <Answer>(operation: string, input: object) => Promise<Answer>;
type Opened = { readonly call: Call; readonly url: string };
type QueueName = {
  readonly arn: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
};

function parseArn(arn: string): QueueName {
  const [, partition, region, account, name] =
    /^arn:(aws[a-z-]*):sqs:([a-z0-9-]+):(\d{12}):([\w-]+(?:\.fifo)?)$/.exec(arn) ?? [];
  if (partition === undefined || region === undefined || account === undefined || name === undefined) {
    throw new DynaframeError("INVALID_CRAWLER", "the queue of events has no address that is known", {
      name: "InvalidInputException",
      path: "EventQueueArn",
      expected: "arn:aws:sqs:region:account:name",
      found: arn,
    });
  }
  return { arn, partition, region, account, name };
}

async function openQueueUrl(queue: QueueName, settings: SqsSettings): Promise<Opened> {
  const endpoint =
    settings.endpoint
    ?? environment("AWS_ENDPOINT_URL_SQS")
    ?? environment("AWS_ENDPOINT_URL")
    ?? `https://sqs.${queue.region}.amazonaws.com${queue.partition === "aws-cn" ? ".cn" : ""}`;
  const call = caller(
    queue,
    new URL(endpoint),
    settings.credentials === undefined ? keyFinder(queue.region) : async () => settings.credentials,
  );
  const { QueueUrl: url } = await call<{ readonly QueueUrl?: string }>("GetQueueUrl", {
    QueueName: queue.name,
    QueueOwnerAWSAccountId: queue.account,
  });
  if (url === undefined) throw queueError(queue.arn, "GetQueueUrl gave no address");
  return { call, url };
}

const environment = (name: string): string | undefined => (process.env[name] === "" ? undefined : process.env[name]);

/** Asked before each request, since temporary keys run out. */
function keyFinder(region: string): () => Promise<Credentials | undefined> {
  const [accessKeyId, secretAccessKey, sessionToken] = [
    environment("AWS_ACCESS_KEY_ID"),
    environment("AWS_SECRET_ACCESS_KEY"),
    environment("AWS_SESSION_TOKEN"),
  ];
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) });
  let client: Promise<{ readonly config: { readonly credentials: () => Promise<Credentials> } }> | undefined;
  return async () => {
    client ??= loadOptional("@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"), "Finding the keys for SQS").then(
      ({ S3Client }) => new S3Client({ region }),
    );
    return (await client).config.credentials();
  };
}

function caller({ arn, region }: QueueName, endpoint: URL, keys: () => Promise<Credentials | undefined>): Call {
  return async <Answer>(operation: string, input: object): Promise<Answer> => {
    const body = JSON.stringify(input);
    for (let attempt = 1; ; attempt++) {
      const credentials = await keys();
      const plain: { readonly [name: string]: string } = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${operation}`,
      };
      const { host: _, ...headers } =
        credentials === undefined
          ? plain
          : signedHeaders(credentials, { host: endpoint.host, headers: plain, body }, region, Date.now(), "sqs");
      const { status, text } = await post(endpoint, headers, body);
      if (status === 200) return JSON.parse(text) as Answer;
      if (attempt === TRIES || (status !== 0 && status !== 429 && status < 500))
        throw queueError(arn, `${operation}: ${status === 0 ? text : (errorName(text) ?? `status ${status}`)}`);
      await new Promise((resolve) => {
        setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt);
      });
    }
  };
}

/** Status 0: no answer, and why. */
async function post(
  endpoint: URL,
  headers: { readonly [name: string]: string },
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(endpoint, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    return { status: 0, text: cause instanceof Error ? cause.message : "no answer" };
  }
}

function errorName(text: string): string | undefined {
  try {
    const { __type: type, message } = JSON.parse(text) as { readonly __type?: string; readonly message?: string };
    return type === undefined
      ? undefined
      : `${type.slice(type.lastIndexOf("#") + 1)}${message === undefined ? "" : ` (${message})`}`;
  } catch {
    return undefined;
  }
}

const queueError = (arn: string, what: string): DynaframeError =>
  new DynaframeError("EVENT_QUEUE_FAILED", `the queue ${arn} cannot be used: ${what}`, {
    path: "EventQueueArn",
    hint: "Check that it exists, that the keys may receive and delete its messages, and AWS_ENDPOINT_URL_SQS of a server of your own.",
  });
