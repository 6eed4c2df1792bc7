/** What a message says of objects (S3 user guide, "Event message structure"; its wrappings by SNS and EventBridge). */
export type ObjectEvent = { readonly path: string; readonly kind: "created" | "removed" };

/** The events of a message body; undefined when it is none that is known. A test notification has no events. */
export function readEvents(body: string): readonly ObjectEvent[] | undefined {
  const message = parse(body);
  if (!isObject(message)) return undefined;
  if (typeof message["path"] === "string") return own(message["path"], message["event"]);
  if (Array.isArray(message["Records"])) return all(message["Records"].map(notification));
  if (message["Event"] === "s3:TestEvent") return [];
  if (typeof message["Message"] === "string") return readEvents(message["Message"]);
  if (typeof message["Body"] === "string") return readEvents(message["Body"]);
  if (isObject(message["detail"])) return bridged(message["detail-type"], message["detail"]);
  return undefined;
}

type Message = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Message =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function own(path: string, event: unknown): readonly ObjectEvent[] | undefined {
  return event === "created" || event === "removed" ? [{ path, kind: event }] : undefined;
}

function all(events: readonly (ObjectEvent | undefined)[]): readonly ObjectEvent[] | undefined {
  const known = events.filter((event) => event !== undefined);
  return known.length === events.length ? known : undefined;
}

function notification(record: unknown): ObjectEvent | undefined {
  if (!isObject(record) || !isObject(record["s3"])) return undefined;
  const name = String(record["eventName"]);
  const kind = /^(s3:)?ObjectCreated:/.test(name)
    ? "created"
    : /^(s3:)?(ObjectRemoved|LifecycleExpiration):/.test(name)
      ? "removed"
      : undefined;
  // keys of notifications are form-encoded: a blank is +
  const path = pathOf(record["s3"], (key) => decodeURIComponent(key.replaceAll("+", " ")));
  return kind === undefined || path === undefined ? undefined : { path, kind };
}

function bridged(type: unknown, detail: Message): readonly ObjectEvent[] | undefined {
  const path = pathOf(detail, (key) => key);
  if (path === undefined || (type !== "Object Created" && type !== "Object Deleted")) return undefined;
  return [{ path, kind: type === "Object Created" ? "created" : "removed" }];
}

function pathOf({ bucket, object }: Message, decode: (key: string) => string): string | undefined {
  if (!isObject(bucket) || !isObject(object) || typeof bucket["name"] !== "string" || typeof object["key"] !== "string")
    return undefined;
  try {
    return `s3://${bucket["name"]}/${decode(object["key"])}`;
  } catch {
    return undefined;
  }
}
