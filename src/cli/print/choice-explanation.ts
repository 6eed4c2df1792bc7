import type {
  ChoiceExplanation,
  ExplainedAction,
  ExplainedArm,
} from "../../dynamicframe/explain-choice/explain-choice.js";
import { recordJson } from "../../dynamicframe/print-record.js";
import { counted, grouped, percent } from "./number.js";
import type { Style } from "./style.js";
import { printTable } from "./table.js";
import { clipped, printable } from "./text.js";

/** Two tables: the types at the path, and the actions. */
export function printChoiceExplanation(
  { path, type, values, empty, arms, actions }: ChoiceExplanation,
  style: Style,
): string {
  const head = `${style.name(printable(path))}: ${style.type(printable(type))}, ${counted(values, "value")}, ${grouped(empty)} null or missing\n`;
  const types = printTable(
    [
      { title: "TYPE" },
      { title: "COUNT", align: "right" },
      { title: "SHARE", align: "right" },
      { title: "FILES", align: "right" },
      { title: "FIRST SEEN" },
      { title: "EXAMPLES" },
    ],
    arms.map((arm) => armLine(arm, values, style)),
    style,
  );
  const table = printTable(
    [
      { title: "ACTION" },
      { title: "KEPT", align: "right" },
      { title: "CAST", align: "right" },
      { title: "NULLED", align: "right" },
      { title: "BECOMES" },
      { title: "NULLED VALUES" },
    ],
    actions.map((action) => actionLine(action, style)),
    style,
  );
  return `${head}\n${types}\n${table}`;
}

const armLine = ({ type, count, places, examples }: ExplainedArm, values: number, style: Style): readonly string[] => [
  style.type(printable(type)),
  grouped(count),
  percent(count, values),
  places ? grouped(places.fileCount) : "",
  places
    ? printable(
        `${places.first.file.slice(places.first.file.lastIndexOf("/") + 1)}:${places.first.record}:${places.first.offset}`,
      )
    : "",
  shown(examples),
];

function actionLine(
  { action, kept, cast, nulled, nulledInside, becomes, nulledExamples, refused }: ExplainedAction,
  style: Style,
): readonly string[] {
  if (refused) return [printable(action), "", "", "", style.bad(refused.code), printable(refused.message)];
  const lost = `${grouped(nulled)}${nulledInside > 0 ? ` + ${grouped(nulledInside)} inside` : ""}`;
  return [
    printable(action),
    grouped(kept),
    grouped(cast),
    nulled + nulledInside > 0 ? style.warning(lost) : lost,
    clipped(printable(becomes.map(({ path, type }) => `${path}: ${type}`).join(", ")), 60),
    shown(nulledExamples),
  ];
}

const shown = (values: readonly unknown[]): string =>
  values.map((value) => clipped(printable(recordJson(value)), 30)).join("  ");
