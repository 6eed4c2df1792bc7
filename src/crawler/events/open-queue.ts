import type { CrawlOptions, CrawlServices } from "../crawl-options.js";
import type { EventQueue } from "./event-queue.js";
import { fileQueue } from "./file-queue.js";
import { sqsQueue } from "./sqs-queue.js";

/**
 * A queue by its ARN, or by the path of a file of events (`file:` or plain).
 * @throws INVALID_CRAWLER for an ARN of anything else.
 */
export const openQueue = (address: string): EventQueue =>
  address.startsWith("arn:") ? sqsQueue(address) : fileQueue(address.replace(/^file:(\/\/)?/, ""));

/** The queue that the crawl is given, else those that its options name; undefined for none. */
export function eventQueueOf(
  { eventQueues = [] }: Pick<CrawlOptions, "eventQueues">,
  { events }: Pick<CrawlServices, "events">,
): EventQueue | undefined {
  return events ?? (eventQueues.length === 0 ? undefined : joined(eventQueues.map(openQueue)));
}

/** Several queues as one; receipts say which queue they are of. */
function joined(queues: readonly EventQueue[]): EventQueue {
  return {
    async receive() {
      const lists = await Promise.all(queues.map((queue) => queue.receive()));
      return lists.flatMap((messages, i) =>
        messages.map(({ body, receipt }) => ({ body, receipt: `${i}:${receipt}` })),
      );
    },
    async delete(receipts) {
      await Promise.all(
        queues.map(async (queue, i) => {
          const own = receipts
            .filter((receipt) => receipt.startsWith(`${i}:`))
            .map((receipt) => receipt.slice(`${i}:`.length));
          if (own.length > 0) await queue.delete(own);
        }),
      );
    },
  };
}
