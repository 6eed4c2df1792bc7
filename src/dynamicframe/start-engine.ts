import type { FrameSession } from "./frame-node.js";

/**
 * Begins to open the engine that an action needs in the end, while its sources are scanned. What is wrong with it is
 * said when it is used.
 */
export function startEngine({ engine, loadEngine }: FrameSession): void {
  Promise.all([engine(), loadEngine()])
    .then(([opened]) => opened.start?.())
    .catch(() => undefined);
}
