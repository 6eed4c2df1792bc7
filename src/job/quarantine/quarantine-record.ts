/** What the quarantine keeps of records that a run could not take. */

/** One record. */
export type QuarantinedRecord = {
  readonly kind: "record";
  /** Unique in its job: run and number. */
  readonly id: string;
  readonly runId: string;
  /** Seconds since the epoch. */
  readonly at: number;
  /** The step that failed: a source or a function, by its transformationCtx where it has one. */
  readonly step: string;
  /** The code of what is wrong with a malformed record, "FUNCTION_FAILED" for one that a function threw on. */
  readonly rule: string;
  readonly error: string;
  /** Where it is, in bytes of the file as it was read; a record that a function failed on has no place. */
  readonly file?: string;
  readonly offset?: number;
  readonly end?: number;
  /** The first bytes of it as text, at most 1,000 characters, or what the function was given, as JSON. */
  readonly text: string;
};

/** A file with quarantined records, as it was when it was read. */
export type QuarantinedFile = {
  readonly kind: "file";
  readonly runId: string;
  /** The source that read it. */
  readonly step: string;
  readonly path: string;
  readonly etag: string;
  readonly size: number;
  /** Malformed records of the file, and how many of them are listed one by one. */
  readonly malformed: number;
  readonly listed: number;
  /**
   * What lies before, between and after the listed records, so that a repair of just these can be told; absent where
   * places in the file are none of its bytes (it is compressed).
   */
  readonly rest?: readonly { readonly length: number; readonly sha256: string }[];
};

/** A run that took repaired records; `ids` are open no more. */
export type Replay = { readonly kind: "replay"; readonly runId: string; readonly ids: readonly string[] };

export type QuarantineEntry = QuarantinedRecord | QuarantinedFile | Replay;
