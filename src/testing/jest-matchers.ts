/**
 * Tells TypeScript of the matchers wherever `@types/jest` is used; without it these declarations stand alone and do no
 * harm.
 */
import type { StructType, TypeName } from "../types/data-type.js";
import type { DriftOptions } from "./matchers.js";
import type { Subject } from "./subject.js";

/** For other test runners: `declare module "vitest" { interface Assertion<T> extends SchemaMatchers<void> {} }`. */
export interface SchemaMatchers<R> {
  /** Exactly this schema, up to the order of fields; a text as `printSchema` prints it. */
  toMatchSchema(expected: StructType | string): Promise<R>;
  /** A choice of exactly these types at the path, such as `items[].qty`. */
  toHaveChoice(path: string, types: readonly TypeName[]): Promise<R>;
  /** Readable by whoever knows the baseline: no new, missing or renamed field, no new type. */
  toHaveNoDriftFrom(baseline: Subject, options?: DriftOptions): Promise<R>;
}

declare global {
  namespace jest {
    // the type parameters have to be those of the interface this merges with
    // eslint-disable-next-line @typescript-eslint/no-unused-vars
    interface Matchers<R, T> extends SchemaMatchers<R> {}
  }
}
