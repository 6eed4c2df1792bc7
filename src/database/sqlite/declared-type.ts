/** What a declared column type means in SQLite, which takes any text for one ("Datatypes In SQLite", §3.1 and §3.2). */
import { decimal, type DataType } from "../../types/data-type.js";

export type Affinity = "integer" | "text" | "blob" | "real" | "numeric" | "none";

export type DeclaredType = {
  readonly affinity: Affinity;
  /** Types that SQLite has not, and that columns declared so hold as long as every value is one. */
  readonly meant?: DataType;
};

export function declaredType(text: string | null): DeclaredType {
  const upper = (text ?? "").trim().toUpperCase();
  const affinity = affinityOf(upper);
  const meant = meantBy(upper);
  return meant === undefined ? { affinity } : { affinity, meant };
}

function affinityOf(upper: string): Affinity {
  if (upper === "") return "none";
  if (upper.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT/.test(upper)) return "text";
  if (upper.includes("BLOB")) return "blob";
  return /REAL|FLOA|DOUB/.test(upper) ? "real" : "numeric";
}

/** Decimals keep all digits only as text, so ours are declared `DECIMAL TEXT(p,s)`. */
function meantBy(upper: string): DeclaredType["meant"] {
  const [, precision, scale] = /^DECIMAL TEXT ?\((\d+), ?(\d+)\)$/.exec(upper) ?? [];
  if (precision !== undefined && Number(precision) <= 38) return decimal(Number(precision), Number(scale));
  switch (upper) {
    case "BOOLEAN":
    case "BOOL":
      return { kind: "boolean" };
    case "TINYINT":
      return { kind: "byte" };
    case "SMALLINT":
    case "INT2":
      return { kind: "short" };
    case "INT":
    case "INT4":
    case "MEDIUMINT":
      return { kind: "int" };
    case "FLOAT":
      return { kind: "float" };
    case "DATE":
      return { kind: "date" };
    case "TIMESTAMP":
      return { kind: "timestamp" };
    case "DATETIME":
      return { kind: "timestampntz" };
    default:
      return undefined;
  }
}
