import type { DynamicFrame } from "../src/index.js";
export function pageRank(
  edges: DynamicFrame,
  passes: number,
  afterPass?: () => void,
): Promise<{ page: string; rank: number }[]>;
