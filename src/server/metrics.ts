/** Counters of a server in the text format of Prometheus. */

/** Upper bounds of the duration histogram, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const;

export class Metrics {
  private readonly requests = new Map<string, number>();
  private readonly buckets: number[] = BUCKETS.map(() => 0);
  private seconds = 0;
  private count = 0;
  /** Requests being answered. */
  inFlight = 0;

  /** `operation` must come from a closed set: each makes a series. */
  record(operation: string, outcome: string, seconds: number): void {
    const key = `operation="${operation}",outcome="${outcome}"`;
    this.requests.set(key, (this.requests.get(key) ?? 0) + 1);
    this.seconds += seconds;
    this.count += 1;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
  }

  text(): string {
    const cumulative = BUCKETS.map(
      (bound, i) => [bound, this.buckets.slice(0, i + 1).reduce((sum, n) => sum + n, 0)] as const,
    );
    return [
      "# HELP dynaframe_requests_total Requests answered, by operation and outcome (ok or the error's name).",
      "# TYPE dynaframe_requests_total counter",
      ...[...this.requests].sort().map(([labels, n]) => `dynaframe_requests_total{${labels}} ${n}`),
      "# HELP dynaframe_request_seconds Time from the last byte of a request to its answer.",
      "# TYPE dynaframe_request_seconds histogram",
      ...cumulative.map(([bound, n]) => `dynaframe_request_seconds_bucket{le="${bound}"} ${n}`),
      `dynaframe_request_seconds_bucket{le="+Inf"} ${this.count}`,
      `dynaframe_request_seconds_sum ${this.seconds}`,
      `dynaframe_request_seconds_count ${this.count}`,
      "# HELP dynaframe_requests_in_flight Requests being answered.",
      "# TYPE dynaframe_requests_in_flight gauge",
      `dynaframe_requests_in_flight ${this.inFlight}`,
      "",
    ].join("\n");
  }
}
