import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const sources = (readdirSync("src", { recursive: true }) as string[])
  .filter((f) => f.endsWith(".ts") && !f.includes("generated"))
  .map((f) => readFileSync(join("src", f), "utf8"));

test("every error code is documented", () => {
  const codes = new Set(
    sources.flatMap((text) => [...text.matchAll(/DynaframeError\(\s*"([A-Z_]{3,})"/g)].map((m) => m[1] ?? "")),
  );
  const documented = new Set(readFileSync("docs/errors.md", "utf8").match(/\b[A-Z][A-Z_0-9]{2,}\b/g));
  expect(codes.size).toBeGreaterThan(50);
  expect([...codes].filter((code) => !documented.has(code)).sort()).toEqual([]);
});
