/** One name of Glue's API and how it is shown that we have it. The tables of entries are kept by hand; their status is found out. */

/** How the presence of a name is checked: on the package as it is, never by its word. */
export type Probe =
  /** An exported name of the package root. */
  | { readonly kind: "export"; readonly name: string }
  /** A method of an exported class, or a static one. */
  | { readonly kind: "method"; readonly of: "DynamicFrame" | "DynamicFrameCollection" | "GlueContext" | "DataFrame"; readonly name: string; readonly isStatic?: boolean }
  /** A member of an open context, such as `createDynamicFrame.fromRows`, or of what its `getSource` and `getSink` give. */
  | { readonly kind: "member"; readonly of: "glue" | "source" | "sink"; readonly path: string }
  /** An option that a call takes: the call with it succeeds, and with a misspelt name it does not. */
  | { readonly kind: "source-option"; readonly name: string; readonly value: unknown; readonly from: "fromOptions" | "fromCatalog" }
  | { readonly kind: "sink-option"; readonly name: string; readonly options: { readonly [option: string]: unknown } }
  | { readonly kind: "read-option"; readonly format: string; readonly options: { readonly [option: string]: unknown } }
  | { readonly kind: "write-option"; readonly format: string; readonly options: { readonly [option: string]: unknown } };

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
};

export type Section = { readonly title: string; readonly entries: readonly Entry[] };

export const method = (of: "DynamicFrame" | "DynamicFrameCollection" | "GlueContext" | "DataFrame", name: string): Probe => ({ kind: "method", of, name });
export const exported = (name: string): Probe => ({ kind: "export", name });
export const member = (path: string, of: "glue" | "source" | "sink" = "glue"): Probe => ({ kind: "member", of, path });

export const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
