/**
 * Milliseconds that the client waits. A server that hangs must not hang its clients; one that works for hours must be
 * let alone.
 */
export type Timing = {
  /** A call without work of its own. */
  readonly call: number;
  /** The connection is pinged this often, and given up when no answer comes. */
  readonly pingEvery: number;
  readonly pingTimeout: number;
  /**
   * Silence of an execution after which the server is asked, beside it, whether it lives; and how long that answer may
   * take.
   */
  readonly silence: number;
  readonly probe: number;
  /** Nothing heard for this long, in spite of asking: no more attempts to come back. */
  readonly giveUp: number;
};

export const TIMING: Timing = Object.freeze({
  call: 60_000,
  pingEvery: 20_000,
  pingTimeout: 15_000,
  silence: 60_000,
  probe: 20_000,
  giveUp: 120_000,
});
