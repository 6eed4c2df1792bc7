import { type Clustering, MAX_CLUSTERS } from "./cluster-schemas.js";

/** Why the crawler decided as it did. `code` is stable; `evidence` is plain data. */
export type Reason = {
  readonly code: string;
  readonly message: string;
  readonly evidence?: { readonly [name: string]: unknown };
};

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const rounded = (clustering: Clustering): { readonly [name: string]: unknown } => {
  const { together: _, ...evidence } = clustering;
  return evidence;
};

/** Why siblings are one table. */
export function togetherReason(folder: string, clustering: Clustering, what: "files" | "folders"): Reason {
  const one = what === "files" ? "file" : "folder";
  if (clustering.siblings <= 1)
    return { code: what === "files" ? "ONE_FILE" : "ONE_FOLDER", message: `${folder} holds one ${one} with records` };
  if (clustering.distinctSchemas === 1)
    return {
      code: "SAME_SCHEMA",
      message: `the ${clustering.siblings} ${what} of ${folder} have the same schema`,
      evidence: rounded(clustering),
    };
  const weakest =
    clustering.weakestLink === undefined
      ? ""
      : `, the least alike linked pair by ${percent(clustering.weakestLink.similarity)}`;
  const apart = clustering.outliers.length === 0 ? "" : `; others joined with them: ${clustering.outliers.join(", ")}`;
  return {
    code: clustering.clusters === 1 ? "SIMILAR_SCHEMAS" : "MOST_SCHEMAS_SIMILAR",
    message: `${percent(clustering.share)} of the ${clustering.siblings} ${what} of ${folder} have similar schemas${weakest}${apart}`,
    evidence: rounded(clustering),
  };
}

/** Why siblings are separate tables. */
export function separateReason(folder: string, clustering: Clustering, what: "files" | "folders"): Reason {
  const nearest =
    clustering.nearestMiss === undefined
      ? ""
      : `; the most alike pair agrees by ${percent(clustering.nearestMiss.similarity)}, 70 % is not enough`;
  const message =
    clustering.clusters > MAX_CLUSTERS
      ? `the ${clustering.siblings} ${what} of ${folder} have ${clustering.clusters} different schemas, more than ${MAX_CLUSTERS}${nearest}`
      : `only ${percent(clustering.share)} of the ${clustering.siblings} ${what} of ${folder} have similar schemas${nearest}`;
  return {
    code: clustering.clusters > MAX_CLUSTERS ? "TOO_MANY_SCHEMAS" : "DIFFERENT_SCHEMAS",
    message,
    evidence: rounded(clustering),
  };
}
