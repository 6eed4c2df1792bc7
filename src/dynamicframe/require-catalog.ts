import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import type { FrameSession } from "./frame-node.js";

/** The catalog of the context. @throws NO_CATALOG without one */
export function requireCatalog(session: FrameSession): Catalog {
  if (session.catalog) return session.catalog;
  throw new DynaframeError("NO_CATALOG", "This context was opened without a catalog.", {
    hint: "Open it with GlueContext.open({ catalog: './.dynaframe' }).",
  });
}
