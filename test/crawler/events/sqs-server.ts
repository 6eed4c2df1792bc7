/** As much of SQS as a reader of a queue meets: AWS JSON 1.0, signed requests, visibility, batches of ten. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256, signature, signingKey } from "../../../src/storage/signature-v4.js";

export const KEYS = { accessKeyId: "AKIATESTING", secretAccessKey: "a secret of the queue" };
export const ARN = "arn:aws:sqs:eu-west-1:123456789012:lake-events";

type Message = { readonly body: string; handle: string | undefined; visibleAt: number };
type Input = {
  readonly QueueName?: string;
  readonly QueueOwnerAWSAccountId?: string;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly Entries?: readonly { readonly Id: string; readonly ReceiptHandle: string }[];
};
export type SqsServer = {
  readonly endpoint: string;
  readonly send: (...bodies: readonly string[]) => void;
  readonly left: () => number;
  /** Makes every message visible again, as time would. */
  readonly expire: () => void;
  /** So many requests fail with that status next. */
  readonly fail: (times: number, status: number) => void;
  readonly calls: () => readonly string[];
  readonly close: () => Promise<void>;
};

export async function startSqs(): Promise<SqsServer> {
  const messages = new Set<Message>();
  const calls: string[] = [];
  let handles = 0;
  let failing = { times: 0, status: 500 };
  const answer = (operation: string, input: Input): readonly [status: number, body: object] => {
    switch (operation) {
      case "GetQueueUrl":
        if (input.QueueName !== "lake-events" || input.QueueOwnerAWSAccountId !== "123456789012")
          return [
            400,
            { __type: "com.amazonaws.sqs#QueueDoesNotExist", message: "The specified queue does not exist." },
          ];
        return [200, { QueueUrl: "http://queue/123456789012/lake-events" }];
      case "ReceiveMessage": {
        const visible = [...messages]
          .filter(({ visibleAt }) => visibleAt <= Date.now())
          .slice(0, Math.min(10, input.MaxNumberOfMessages ?? 1));
        for (const message of visible)
          Object.assign(message, {
            handle: `handle-${++handles}`,
            visibleAt: Date.now() + (input.VisibilityTimeout ?? 30) * 1000,
          });
        return [
          200,
          visible.length === 0
            ? {}
            : {
                Messages: visible.map(({ body, handle }) => ({ MessageId: handle, ReceiptHandle: handle, Body: body })),
              },
        ];
      }
      case "DeleteMessageBatch": {
        if ((input.Entries ?? []).length > 10)
          return [400, { __type: "com.amazonaws.sqs#TooManyEntriesInBatchRequest", message: "too many" }];
        const results = (input.Entries ?? []).map(({ Id, ReceiptHandle }) => {
          const found = [...messages].find(({ handle }) => handle === ReceiptHandle);
          return { Id, gone: found !== undefined && messages.delete(found) };
        });
        return [
          200,
          {
            Successful: results.filter(({ gone }) => gone).map(({ Id }) => ({ Id })),
            Failed: results
              .filter(({ gone }) => !gone)
              .map(({ Id }) => ({ Id, Code: "ReceiptHandleIsInvalid", SenderFault: true })),
          },
        ];
      }
      default:
        return [400, { __type: "com.amazon.coral.service#UnknownOperationException" }];
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
    });
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const operation = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
      calls.push(operation);
      if (failing.times-- > 0) {
        response.writeHead(failing.status, { "content-type": "text/plain" }).end("no");
        return;
      }
      const [status, result] = isSigned(request, body)
        ? answer(operation, JSON.parse(body) as Input)
        : ([403, { __type: "com.amazon.coral.service#InvalidSignatureException", message: "not signed" }] as const);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(result));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send: (...bodies) => {
      for (const body of bodies) messages.add({ body, handle: undefined, visibleAt: 0 });
    },
    left: () => messages.size,
    calls: () => calls,
    expire: () => {
      for (const message of messages) message.visibleAt = 0;
    },
    fail: (times, status) => {
      failing = { times, status };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function isSigned({ headers }: IncomingMessage, body: string): boolean {
  const [, date = "", names = "", claimed = ""] =
    /^AWS4-HMAC-SHA256 Credential=AKIATESTING\/(\d{8})\/eu-west-1\/sqs\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  const scope = { date, region: "eu-west-1", service: "sqs" };
  const request = {
    method: "POST",
    url: "/",
    headers: names.split(";").map((name) => [name, String(headers[name])] as const),
    bodyHash: sha256(body),
  };
  return (
    claimed !== ""
    && claimed === signature(signingKey(KEYS.secretAccessKey, scope), request, String(headers["x-amz-date"]), scope)
  );
}
