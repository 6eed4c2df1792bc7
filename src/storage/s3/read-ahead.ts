/**
 * A part of an object on its way: one ranged request that is resumed when the connection breaks, and read while it
 * arrives.
 */
import { isTransient } from "./s3-error.js";
import { silence } from "./silence.js";

/** The bytes of `[from, to)` of one version of an object, in chunks. */
export type RangeFetcher = (from: number, to: number, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

/**
 * Ends the fetching of all windows, and says how often a broken one is resumed, and for how many milliseconds without a
 * byte.
 */
export type WindowControl = { readonly signal: AbortSignal; readonly maxAttempts: number; readonly patience: number };

/**
 * Shortest and longest wait before resuming; each wait is a random part of its bound, so that many readers do not come
 * back at once.
 */
const WAIT_MS = { first: 100, most: 5000 };

export class ReadAheadWindow {
  private readonly chunks: Uint8Array[] = [];
  private received: number;
  private taken: number;
  /** When the last byte came. */
  private heard = 0;
  private failure: { readonly cause: unknown } | undefined;
  private wake: () => void = () => undefined;

  constructor(
    readonly start: number,
    readonly end: number,
    fetch: RangeFetcher,
    control: WindowControl,
  ) {
    this.received = start;
    this.taken = start;
    void this.receive(fetch, control)
      .catch((cause: unknown) => {
        this.failure = { cause };
      })
      .finally(() => this.wake());
  }

  /** Position of the next byte. */
  get position(): number {
    return this.taken;
  }

  /** What has arrived of the rest, as far as it fits; waits for the first byte. */
  async take(into: Uint8Array): Promise<number> {
    while (this.chunks.length === 0) {
      if (this.failure !== undefined) throw this.failure.cause;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    let used = 0;
    for (let chunk = this.chunks[0]; chunk !== undefined && used < into.length; chunk = this.chunks[0]) {
      const part = chunk.subarray(0, into.length - used);
      into.set(part, used);
      used += part.length;
      if (part.length === chunk.length) this.chunks.shift();
      else this.chunks[0] = chunk.subarray(part.length);
    }
    this.taken += used;
    return used;
  }

  private async receive(fetch: RangeFetcher, { signal, maxAttempts, patience }: WindowControl): Promise<void> {
    this.heard = Date.now();
    for (let failures = 0; this.received < this.end;) {
      const before = this.received;
      // a request that cannot be made has been tried again by the SDK
      const body = await fetch(this.received, this.end, signal);
      try {
        await this.receiveBody(body);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        failures = this.received > before ? 1 : failures + 1;
        if (Date.now() - this.heard >= patience) throw silence();
        if (failures >= maxAttempts || !isTransient(error)) throw error;
        await pause(Math.random() * Math.min(WAIT_MS.most, WAIT_MS.first * 2 ** failures), signal);
      }
    }
  }

  /**
   * Reads to the end of the body: one left half-way costs its connection. A server that ignores the range sends more
   * than was asked for.
   */
  private async receiveBody(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of body) {
      const part = chunk.subarray(0, this.end - this.received);
      if (part.length === 0) break;
      this.chunks.push(part);
      this.received += part.length;
      this.heard = Date.now();
      this.wake();
    }
    if (this.received < this.end) throw new Error("the connection ended before the last byte");
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
