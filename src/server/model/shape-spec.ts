/**
 * A request shape of the Glue API, as scripts/generate-glue-schemas.mjs writes it. Names refer to other shapes or to
 * plain scalars.
 */
export type ShapeSpec =
  | {
      readonly kind: "structure";
      readonly members: { readonly [name: string]: string };
      readonly required?: readonly string[];
      readonly union?: boolean;
    }
  | { readonly kind: "list"; readonly member: string; readonly min?: number; readonly max?: number }
  | { readonly kind: "map"; readonly key: string; readonly value: string; readonly min?: number; readonly max?: number }
  /** `pattern`: `/source/flags`, which the whole text must match. */
  | {
      readonly kind: "string";
      readonly min?: number;
      readonly max?: number;
      readonly enum?: readonly string[];
      readonly pattern?: string;
    }
  | { readonly kind: "integer" | "number"; readonly min?: number; readonly max?: number }
  | { readonly kind: "blob"; readonly min?: number; readonly max?: number }
  | { readonly kind: "boolean" | "timestamp" };

export type OperationSpec = { readonly group: string; readonly input: string };
