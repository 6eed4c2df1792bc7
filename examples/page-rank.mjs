// PageRank over a cached frame of edges { from, to }: the files are read by the first pass, all later ones read what
// persist() kept.

/** The pages by rank, the highest first. `afterPass` is told after each pass. Every page must link somewhere. */
export async function pageRank(edges, passes, afterPass = () => {}) {
  const cached = edges.persist();
  const links = new Map();
  for await (const { from } of cached.stream()) links.set(from, (links.get(from) ?? 0) + 1);
  let ranks = new Map([...links.keys()].map((page) => [page, 1 / links.size]));
  for (let pass = 0; pass < passes; pass++) {
    const next = new Map([...ranks.keys()].map((page) => [page, 0.15 / links.size]));
    for await (const { from, to } of cached.stream())
      next.set(to, (next.get(to) ?? 0) + (0.85 * ranks.get(from)) / links.get(from));
    ranks = next;
    afterPass();
  }
  await cached.unpersist();
  return [...ranks].map(([page, rank]) => ({ page, rank })).sort((a, b) => b.rank - a.rank);
}
