import type { FrameSession } from "./frame-node.js";
import type { Resolver } from "./resolver.js";

/** What frames of one context share. */
export type Environment = { readonly session: FrameSession; readonly resolve: Resolver };
