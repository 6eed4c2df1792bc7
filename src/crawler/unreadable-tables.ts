import type { FileProblem } from "./crawl-options.js";
import { isBelow } from "./known-tables.js";
import type { TableOutcome } from "./plan-table.js";
import type { Survey, SurveyedFile } from "./survey-files.js";

/**
 * The survey without the files of tables that would have no column, because nothing of their files can be read
 * (decision 0210): each such file is a problem, by which a table that is there keeps its columns. The same survey where
 * there is no such table.
 */
export function withoutUnreadable(survey: Survey, outcomes: readonly TableOutcome[]): Survey {
  const barren = outcomes.flatMap(({ planned: { columns, contents, location } }) =>
    columns.length === 0 && contents.records === 0 && contents.malformed > 0 ? [location] : [],
  );
  if (barren.length === 0) return survey;
  const empty = [...survey.files.values()].filter(
    ({ ref, ledger }) => ledger.records === 0 && barren.some((location) => isBelow(ref.path, location)),
  );
  const aside = new Set(empty.map(({ ref }) => ref.path));
  return {
    ...survey,
    files: new Map([...survey.files].filter(([path]) => !aside.has(path))),
    fresh: new Set([...survey.fresh].filter((path) => !aside.has(path))),
    problems: [...survey.problems, ...empty.flatMap(problemOf)],
  };
}

function problemOf({
  ref,
  ledger: {
    malformedRecords: [first],
  },
}: SurveyedFile): readonly FileProblem[] {
  return first === undefined
    ? []
    : [
        {
          file: ref.path,
          code: first.code,
          message: `nothing of it can be read: ${first.reason}`,
          hint: "Replace the file, or leave it out with exclusions.",
        },
      ];
}
