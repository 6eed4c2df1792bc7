/** Which of Glue's operations the server answers: read off its own table. */
import { GLUE_OPERATIONS, OTHER_OPERATIONS } from "./generated/glue-shapes.js";
import { GLUE_HANDLERS } from "./operations/index.js";
import { OWN_HANDLERS } from "./own-operations.js";

type CoverageEntry = { readonly operation: string; readonly group: string; readonly implemented: boolean };

/** The operations that the server aims at, in order of their groups. */
export function coverage(): readonly CoverageEntry[] {
  return Object.entries(GLUE_OPERATIONS).map(([operation, { group }]) => ({
    operation,
    group,
    implemented: Object.hasOwn(GLUE_HANDLERS, operation),
  }));
}

/** docs/glue-api-coverage.md. */
export function coverageMarkdown(): string {
  const entries = coverage();
  const groups = [...new Set(entries.map(({ group }) => group))];
  const names = (group: string, implemented: boolean): string =>
    entries
      .filter((entry) => entry.group === group && entry.implemented === implemented)
      .map(({ operation }) => operation)
      .join(", ") || "–";
  const count = (group?: string): string => {
    const of = entries.filter((entry) => group === undefined || entry.group === group);
    return `${of.filter(({ implemented }) => implemented).length} of ${of.length}`;
  };
  return [
    "# Coverage of the Glue API",
    "",
    "Written by `node scripts/glue-coverage.mjs` from the server's own table; a test fails when it is out of date.",
    "",
    `The server answers ${count()} operations that it aims at. An operation that is missing here, or one of the service's ${OTHER_OPERATIONS.length} others, fails with`,
    "`OperationNotSupportedException` and its name; none pretends.",
    "",
    "`dynaframe serve` starts development endpoints and interactive sessions as processes (statements are JavaScript); a server without these parts keeps their definitions, and says so.",
    "",
    "| group | answered | operations | missing |",
    "|---|---|---|---|",
    ...groups.map((group) => `| ${group} | ${count(group)} | ${names(group, true)} | ${names(group, false)} |`),
    "",
    `Beside them, with \`X-Amz-Target: Dynaframe.<name>\`: ${Object.keys(OWN_HANDLERS).join(", ")}.`,
    "",
  ].join("\n");
}
