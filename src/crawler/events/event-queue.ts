/**
 * Where CRAWL_EVENT_MODE learns which objects came and went: a queue shaped as SQS is, so that a client of it is a few
 * lines.
 */
export type QueueMessage = {
  /**
   * An S3 event notification, one wrapped by SNS or EventBridge, or `{ "path": …, "event": "created" | "removed" }`.
   */
  readonly body: string;
  /** By which the message is deleted once its crawl is applied. */
  readonly receipt: string;
};

/** Where a crawler in event mode hears of new and deleted files. */
export interface EventQueue {
  /** All messages that wait; they stay until they are deleted. */
  receive(): Promise<readonly QueueMessage[]>;
  /** Deletes messages; one that is gone already is no error. */
  delete(receipts: readonly string[]): Promise<void>;
}
