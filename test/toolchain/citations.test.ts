import { existsSync, readdirSync, readFileSync } from "node:fs";
import glob from "fast-glob";

const texts = glob
  .sync(
    ["src/**/*.ts", "test/**/*.ts", "conformance/**/*.ts", "scripts/**/*.mjs", "bench/*.mjs", "docs/**/*.md", "*.md"],
    { ignore: ["**/generated/**", "CHANGELOG.md"] },
  )
  .map((file) => ({ file, text: readFileSync(file, "utf8") }));
const cited = (pattern: RegExp) =>
  texts.flatMap(({ file, text }) => [...text.matchAll(pattern)].map((match) => ({ file, match })));

test("a page that a comment or a page cites is there, with its section", () => {
  const found = cited(/\bdocs\/(?:decisions\/)?([a-z0-9-]+)\.md(?:#([a-z0-9-]+))?/g);
  expect(found.length).toBeGreaterThan(100);
  const wrong = found.filter(({ match: [page, , section] }) => {
    const path = page.split("#")[0] ?? "";
    return !existsSync(path) || (section !== undefined && !sections(path).has(section));
  });
  expect(wrong.map(({ file, match }) => `${file}: ${match[0]}`)).toEqual([]);
});

test("a decision that is cited by its number is there", () => {
  const numbers = new Set(readdirSync("docs/decisions").map((name) => name.slice(0, 4)));
  const found = cited(/\b(?:decisions?|docs\/decisions)[ /](\d{4})\b/g);
  expect(found.length).toBeGreaterThan(100);
  expect(
    found.filter(({ match }) => !numbers.has(match[1] ?? "")).map(({ file, match }) => `${file}: ${match[0]}`),
  ).toEqual([]);
});

test("a source file that a page names is there", () => {
  const found = cited(
    /\b((?:src|test|bench|scripts|conformance|fixtures|examples)\/[\w./-]+\.(?:ts|mjs|json|py))\b/g,
  ).filter(({ file }) => file.endsWith(".md"));
  expect(found.length).toBeGreaterThan(100);
  expect(
    found.filter(({ match }) => !existsSync(match[1] ?? "")).map(({ file, match }) => `${file}: ${match[0]}`),
  ).toEqual([]);
});

test("no comment cites a paper that is not in the repository", () => {
  expect(
    texts
      .filter(
        ({ file, text }) =>
          file !== "test/toolchain/citations.test.ts" && /[Rr]eference §|DESIGN §|catalog-crawler-jobs/.test(text),
      )
      .map(({ file }) => file),
  ).toEqual([]);
});

/** The anchors of a page's headings. */
function sections(path: string): ReadonlySet<string> {
  return new Set(
    [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map((m) =>
      (m[1] ?? "")
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}
