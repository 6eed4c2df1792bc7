/** Keeps docs/cast-matrix.md equal to the matrix; `UPDATE_DOCS=1 npx jest test/types/cast-table` writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { castTable, type CastEntry } from "../../src/types/cast-table.js";
import { typeText } from "../../src/types/type-text.js";

const PAGE = join(__dirname, "../../docs/cast-matrix.md");

const INTRO = `# Cast matrix

One matrix decides every cast: \`resolveChoice\` (\`cast:T\`, \`project:T\`, \`match_catalog\`), \`applyMapping\`, columns typed by the catalog. It lives in
\`src/types/cast.ts\`; each engine is held to it value by value. The norm is Spark's non-ANSI cast with UTC as the session's time zone.

null stays null, a missing field stays missing. A value that does not fit becomes null **and is counted** under its path. This page is printed from the code by
\`UPDATE_DOCS=1 npx jest test/types/cast-table\`, and a test fails when it is not current.

## Where the result is not Spark's
Spark changes some values without a word. Here they do not fit, so that they are nulled and counted:

| cast | value | Spark | here |
|---|---|---|---|
| number → byte, short, int, long | out of range | wraps around or saturates | null |
| float, double → byte, short, int, long | NaN | 0 | null |
| double, decimal → float | finite, past the range of float | Infinity | null |
| long, double, decimal → timestamp | past 64-bit microseconds | wraps around or saturates | null |
| binary → string | not UTF-8 | broken text | null |
| string → binary | a lone surrogate | \`?\` | null |

Other differences:
- decimal → string prints all digits (\`0.00000001\`), as Spark does under ANSI; otherwise Spark prints \`1E-8\`.
- double and float → string print the shortest digits that read back, as Java from 19 on; older Java prints one digit more for some values.
- timestamp → decimal is exact; Spark goes through a double.
- Not carried over: string → timestamp of a time alone (Spark adds today's date) or with a zone named by region; hexadecimal floats; numbers → binary; boolean ↔ timestamp.

## Rules
- **string → whole number**: outer ASCII blanks and control characters are stripped; a sign, digits, and a fraction that is cut off. No exponent, no \`0x\`, no \`_\`.
- **string → float, double**: Java's literals with exponent and a final \`d\` or \`f\`; \`NaN\`, \`Infinity\`, \`inf\` in any case. Past the range: infinite, as in Spark and DuckDB.
- **string → decimal**: with exponent; rounded half up to the scale; null when the integer digits do not fit.
- **string → boolean**: t, true, y, yes, 1 and f, false, n, no, 0, in any case.
- **string → date**: \`yyyy[-[m]m[-[d]d]]\`, years of 4 to 7 digits, a sign; after a whole date a blank or \`T\` and anything.
- **string → timestamp**: a date, then a blank or \`T\`, \`[h]h[:[m]m[:[s]s[.fraction][zone]]]\`; zones \`Z\`, \`±h\`, \`±hh:mm\`, \`UTC±h\`; digits past the microsecond are cut off. To timestampntz the zone is dropped.
- **fractions → whole number**: cut towards zero. **To decimal**: rounded half up, doubles by their shortest digits.
- **numbers ↔ timestamp**: seconds since 1970-01-01 UTC; a timestamp's whole seconds are rounded down.
- **containers → string**: \`{1, a}\`, \`[1, null]\`, \`{k -> v}\`. **struct → struct** by position, same number of fields; **array → array**, **map → map** by element; what does not fit inside becomes null there.
- **choice → T**: by the arm that holds the value. null and unknown cast to everything, nothing casts to them or to a choice.
`;

function table(entries: readonly CastEntry[]): string {
  const names = (pick: (e: CastEntry) => string): string[] => [...new Set(entries.map(pick))];
  const targets = names((e) => typeText(e.to));
  const mark = { never: "–", always: "●", sometimes: "○" } as const;
  const cell = (from: string, to: string): string => {
    const found = entries.find((e) => typeText(e.from) === from && typeText(e.to) === to);
    return found === undefined ? "=" : mark[found.fits];
  };
  const rows = names((e) => typeText(e.from)).map(
    (from) => `| ${code(from)} | ${targets.map((to) => cell(from, to)).join(" | ")} |`,
  );
  return [`| from \\ to | ${targets.map(code).join(" | ")} |`, `|---|${"---|".repeat(targets.length)}`, ...rows].join(
    "\n",
  );
}

function examples(entries: readonly CastEntry[]): string {
  const lines = entries
    .filter((e) => e.fits !== "never")
    .map(
      (e) =>
        `| ${code(typeText(e.from))} | ${code(typeText(e.to))} | ${e.examples.map((x) => `${code(x.value)} → ${code(x.result)}`).join(", ")} |`,
    );
  return ["| from | to | examples |", "|---|---|---|", ...lines].join("\n");
}

const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

function page(): string {
  const entries = castTable();
  return `${INTRO}
## The matrix
● every value fits · ○ a value may not fit and is then null · – no such cast, every value but null is nulled · = the same type

${table(entries)}

## Examples
${examples(entries)}
`;
}

test("docs/cast-matrix.md is what the matrix says", () => {
  const text = page();
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(PAGE, text);
  expect(readFileSync(PAGE, "utf8")).toBe(text);
});

test("what an entry says of fitting is true of its examples", () => {
  for (const entry of castTable()) {
    if (entry.fits === "always") expect(entry.examples.map((x) => x.result)).not.toContain("null");
    if (entry.fits !== "never") expect(entry.examples.length).toBeGreaterThan(0);
  }
  expect(castTable().filter((e) => e.fits === "sometimes").length).toBeGreaterThan(20);
});
