/** docs/bad-input.md: every case names a test that is there, and every code one of docs/errors.md. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const cases = readFileSync(join(ROOT, "docs/bad-input.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| Case"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test("every case names tests that exist", () => {
  expect(cases.length).toBeGreaterThan(60);
  for (const [name, , tests = ""] of cases) {
    const named = [...tests.matchAll(/`([^`]+)`(?: “([^”]+)”)?/g)];
    expect([name, named.length > 0]).toEqual([name, true]);
    for (const [, file = "", title = ""] of named) {
      const path = join(ROOT, file);
      expect([name, file, existsSync(path)]).toEqual([name, file, true]);
      // the words of a title, where a `test.each` puts its rows before them
      expect([name, title, readFileSync(path, "utf8").includes(title)]).toEqual([name, title, true]);
    }
  }
});

test("every code is in the list of errors", () => {
  const errors = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  for (const [name, outcome = ""] of cases) {
    for (const [code] of outcome.matchAll(/\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b/g))
      expect([name, code, errors.includes(code)]).toEqual([name, code, true]);
  }
});
