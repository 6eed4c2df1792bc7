/**
 * One name of Glue's API and how it is shown that we have it. The tables of entries are kept by hand; their status is
 * found out.
 */

/** How the presence of a name is checked: on the package as it is, never by its word. */
export type Probe =
  /** An exported name of the package root. */
  | { readonly kind: "export"; readonly name: string }
  /** A method of an exported class, or a static one. */
  | { readonly kind: "method"; readonly of: ApiClass; readonly name: string; readonly isStatic?: boolean }
  /**
   * A member of an open context, such as `createDynamicFrame.fromRows`, or of what its `getSource` and `getSink` give.
   */
  | { readonly kind: "member"; readonly of: "glue" | "source" | "sink"; readonly path: string }
  /**
   * An option that a call takes: the call with it succeeds, and with a misspelt name it does not. `beside` are options
   * that it needs.
   */
  | {
      readonly kind: "option";
      readonly call: OptionCall;
      readonly name: string;
      readonly value: unknown;
      readonly beside?: OptionValues;
    }
  /** A transform class and its arguments, told by itself. */
  | { readonly kind: "transform"; readonly name: string };

export type ApiClass = "DynamicFrame" | "DynamicFrameCollection" | "GlueContext" | "DataFrame" | "Job";
export type OptionValues = { readonly [option: string]: unknown };

/** The calls whose options the page lists, all of them: `OPTION_CALLS` says how each is made. */
export type OptionCall =
  | "step"
  | "applyMapping"
  | "resolveChoice"
  | "map"
  | "filter"
  | "mapPartitions"
  | "mapPartitionsWithIndex"
  | "mergeDynamicFrame"
  | "spigot"
  | "fromCatalog"
  | "fromOptions"
  | "fromRows"
  | "writer fromOptions"
  | "writer fromCatalog"
  | "writer fromJdbcConf"
  | "file source"
  | "file sink"
  | "table source"
  | "table sink"
  | "database source"
  | "database sink"
  | "kafka source"
  | "sample"
  | "purge"
  | "forEachBatch"
  | "unbox json"
  | "unbox csv"
  | "unbox avro"
  | ReadCall
  | `write ${"csv" | "json" | "parquet" | "glueparquet" | "avro"}`;
export type ReadCall = `read ${"csv" | "json" | "xml" | "avro" | "parquet" | "grokLog"}`;

export type Entry = {
  /** Glue's spelling (Python), as it is looked for. */
  readonly glue: string;
  /** Ours, where it is another. */
  readonly ours?: string;
  readonly probe?: Probe;
  /** Conformance operations that show it: each has passing cases and no failing one. */
  readonly ops?: readonly string[];
  /** Tests that show it: the file holds the word. */
  readonly tests?: readonly (readonly [file: string, word: string])[];
  /** Where the behaviour is not Glue's, and the record of the decision. */
  readonly differs?: string;
  readonly decision?: string;
  /** Why there is none; then it must not be there. */
  readonly notApplicable?: string;
  /** What it is, where Glue has nothing of the kind. */
  readonly ownOption?: string;
};

export type Section = { readonly title: string; readonly entries: readonly Entry[] };

export const method = (of: ApiClass, name: string, isStatic = false): Probe => ({
  kind: "method",
  of,
  name,
  ...(isStatic ? { isStatic } : {}),
});
export const exported = (name: string): Probe => ({ kind: "export", name });
export const member = (path: string, of: "glue" | "source" | "sink" = "glue"): Probe => ({ kind: "member", of, path });

/** An option under Glue's name, which is ours in camel case. */
export const option = (
  call: OptionCall,
  glue: string,
  value: unknown,
  more: Partial<Entry> & { readonly beside?: OptionValues },
): Entry => {
  const { beside, ...rest } = more;
  const ours = more.ours ?? camel(glue);
  return {
    glue,
    ...(ours === glue ? {} : { ours }),
    probe: { kind: "option", call, name: ours, value, ...(beside === undefined ? {} : { beside }) },
    ...rest,
  };
};

export const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
