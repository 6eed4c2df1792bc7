// The layers of ARCHITECTURE.md: a folder may import itself and what stands below it. Type-only imports count.
const layers = [
  ["types"],
  ["storage"],
  ["shapes"],
  ["formats"],
  ["plan"],
  ["engine"],
  ["catalog"],
  ["database"],
  ["dynamicframe"],
  ["crawler"],
  ["job"],
  ["devendpoint"],
  ["workflow"],
  ["open.ts"],
  ["index.ts"],
  ["server"],
  ["console"],
  ["cli", "testing"],
];
const base = process.env.BOUNDARIES_ROOT ?? "src"; // a test points this at a folder of its own
const part = (name) => (name.endsWith(".ts") ? `${base}/${name.replace(".", "\\.")}$` : `${base}/${name}/`);
const any = (names) => `^(${names.map(part).join("|")})`;

const upward = layers
  .slice(0, -1)
  .map((names, level) => ({
    name: `no-upward-import-from-${names[0].replace(".ts", "")}`,
    comment: "ARCHITECTURE.md: imports only go down the list of layers",
    severity: "error",
    from: { path: any(names) },
    to: { path: any(layers.slice(level + 1).flat()) },
  }));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    {
      // a type-only import vanishes when compiled: inside one layer two types may name each other (a frame makes collections of frames)
      name: "no-cycle",
      comment: "two files that need each other are one file, or lack a third",
      severity: "error",
      from: { path: `^${base}/` },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "cli-and-testing-apart", severity: "error", from: { path: any(["cli"]) }, to: { path: any(["testing"]) } },
    { name: "testing-and-cli-apart", severity: "error", from: { path: any(["testing"]) }, to: { path: any(["cli"]) } },
    {
      name: "every-file-in-a-layer",
      comment: "a new folder must be given its place in the list of layers",
      severity: "error",
      from: { path: `^${base}/`, pathNot: any(layers.flat()) },
      to: {},
    },
    {
      name: "engines-behind-their-port",
      comment: "only the composition root names an engine",
      severity: "error",
      from: { path: `^${base}/`, pathNot: [`^${base}/engine/`, `^${base}/open\\.ts$`] },
      to: { path: `^${base}/engine/(duckdb|spark|reference)/` },
    },
    {
      name: "engines-apart",
      comment: "what two engines share belongs into engine/ itself",
      severity: "error",
      from: { path: `^${base}/engine/(duckdb|spark|reference)/` },
      to: { path: `^${base}/engine/(duckdb|spark|reference)/`, pathNot: `^${base}/engine/$1/` },
    },
    {
      name: "stores-behind-their-port",
      comment: "only the composition root names a store",
      severity: "error",
      from: { path: `^${base}/`, pathNot: [`^${base}/catalog/`, `^${base}/open\\.ts$`] },
      to: { path: `^${base}/catalog/stores/` },
    },
    {
      name: "pure-core",
      comment: "types and plan do no I/O",
      severity: "error",
      from: { path: any(["types", "plan"]) },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { path: `^${base}/` },
      to: { couldNotResolve: true, pathNot: "/generated/" },
    },
    {
      name: "declared-dependencies",
      comment: "what is published may import only dependencies of package.json",
      severity: "error",
      from: { path: `^${base}/`, pathNot: `^${base}/testing/` },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.json` },
    doNotFollow: { path: "node_modules" },
    exclude: { path: `^${base}/shapes/wasm/` },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};
