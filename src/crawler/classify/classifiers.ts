/** The classifiers, custom and built in, and what each says of the head of a file. */
import { headText, type FileHead } from "../../formats/head.js";
import type { Format } from "../../formats/index.js";
import { looksLikeJson } from "../../formats/json-head.js";
import { orcFormat } from "../../formats/orc.js";
import { formatNames, formatOf } from "../../formats/registry.js";
import { xmlFormat } from "../../formats/xml/xml-format.js";
import { type Classification, UNKNOWN_CLASSIFICATION } from "./classification.js";
import { csvLayout, type CsvSettings } from "./csv-layout.js";
import { type GrokSettings, grokLayout } from "./grok-layout.js";
import { LOG_CLASSIFIERS, REDIS_LINE } from "./log-classifiers.js";
import { pickClassification, type ClassifierResult } from "./pick-classification.js";
import { hasRow, type XmlSettings } from "./xml-layout.js";

/** A custom classifier, with the settings of Glue's API in camelCase. */
export type CustomClassifier =
  | ({ readonly type: "csv" } & CsvSettings)
  | ({ readonly type: "json" } & JsonSettings)
  | ({ readonly type: "xml" } & XmlSettings)
  | ({ readonly type: "grok" } & GrokSettings);

/** Of a custom JSON classifier. */
export type JsonSettings = {
  readonly jsonPath?: string;
  /**
   * Ours. Types that columns of strings get in the catalog when all of a path's strings spell one: BOOLEAN, INT, LONG,
   * DECIMAL, DOUBLE, DATE, TIMESTAMP, by Glue's names for CSV, the narrowest first; the others of its list change
   * nothing. Each file is read twice.
   */
  readonly customDatatypes?: readonly string[];
};

type Body = Omit<Classification, "compression">;
type Result = ClassifierResult & { readonly body: Body };

/** Formats that Glue's classifiers tell, each by a rule of its own. */
const OF_GLUE: ReadonlySet<string> = new Set(["avro", "orc", "parquet", "json", "xml", "grokLog", "csv"]);

/**
 * Custom classifiers in their order, then Glue's built-in ones in theirs; formats that Glue does not have are asked
 * before CSV, which is what any text in columns is.
 */
export function classifyHead(
  head: FileHead,
  custom: readonly CustomClassifier[],
  formats: readonly Format[] = formatNames().map(formatOf),
): Classification {
  const own = custom.map((classifier, i) => runCustom(classifier, i, head));
  const picked = pickClassification(
    own.some(({ certainty }) => certainty === 1)
      ? own
      : [
          ...own,
          ...builtIns(
            head,
            formats.filter(({ name }) => !OF_GLUE.has(name)),
          ),
        ],
  );
  const body: Body = picked?.body ?? { name: UNKNOWN_CLASSIFICATION, decidedBy: "none" };
  const unreadable = head.compression === "xz";
  const { format, ...rest } = body;
  return { ...rest, ...(format === undefined || unreadable ? {} : { format }), compression: head.compression };
}

function runCustom(classifier: CustomClassifier, index: number, head: FileHead): Result {
  const decidedBy = `custom:${classifier.type}[${index}]`;
  const result = (body: Body | undefined): Result => ({
    name: decidedBy,
    certainty: body === undefined ? 0 : 1,
    custom: true,
    body: body ?? { name: UNKNOWN_CLASSIFICATION, decidedBy },
  });
  switch (classifier.type) {
    case "csv": {
      const csv = csvLayout(headText(head.bytes), head.whole, classifier);
      return result(
        csv === undefined ? undefined : { name: "csv", format: "csv", decidedBy, csv, ...datatypesOf(classifier) },
      );
    }
    case "json": {
      const path = classifier.jsonPath;
      const matches = looksLikeJson(headText(head.bytes));
      return result(
        matches
          ? {
              name: "json",
              format: "json",
              decidedBy,
              ...(path === undefined ? {} : { jsonPath: path }),
              ...datatypesOf(classifier),
            }
          : undefined,
      );
    }
    case "xml": {
      const { rowTag, classification = "xml" } = classifier;
      return result(
        hasRow(headText(head.bytes), rowTag)
          ? { name: classification, format: "xml", decidedBy, xml: { rowTag } }
          : undefined,
      );
    }
    case "grok": {
      const grok = grokLayout(headText(head.bytes), head.whole, classifier);
      return result(
        grok === undefined ? undefined : { name: classifier.classification, format: "grokLog", decidedBy, grok },
      );
    }
  }
}

const datatypesOf = ({ customDatatypes }: { readonly customDatatypes?: readonly string[] }): Pick<Body, "datatypes"> =>
  customDatatypes === undefined ? {} : { datatypes: customDatatypes.map((name) => name.toUpperCase()) };

/** In Glue's order, each asked only when none before it is certain. */
function builtIns(head: FileHead, others: readonly Format[]): readonly Result[] {
  const magic = Buffer.from(head.bytes.subarray(0, 4)).toString("latin1");
  const is = (name: string, certain: boolean, body: Partial<Body> = {}): Result => ({
    name,
    certainty: certain ? 1 : 0,
    body: { name, decidedBy: `builtin:${name}`, ...body },
  });
  let text: string | undefined;
  const decoded = (): string => (text ??= headText(head.bytes));
  const asked: readonly (() => Result)[] = [
    () => is("avro", magic === "Obj\u0001", { format: "avro" }),
    () => is("orc", orcFormat.detect(head.bytes, "")),
    () => is("parquet", magic === "PAR1", { format: "parquet" }),
    // `[4018] 14 Nov 07:01:22` begins as a list does
    () => is("json", looksLikeJson(decoded()) && !REDIS_LINE.test(decoded()), { format: "json" }),
    () => is("bson", looksLikeBson(head)),
    // without a classifier's row tag nobody knows which elements are records
    () => is("xml", xmlFormat.detect(head.bytes, "")),
    () => is("ion", magic === "\u00e0\u0001\u0000\u00ea"),
    ...LOG_CLASSIFIERS.map((log) => () => {
      const grok = log.quick.test(firstLine(decoded())) ? grokLayout(decoded(), head.whole, log) : undefined;
      return is(log.classification, grok !== undefined, grok === undefined ? {} : { format: "grokLog", grok });
    }),
    ...others.map((format) => () => is(format.name, format.detect(head.bytes, ""), { format: format.name })),
    () => {
      const csv = csvLayout(decoded(), head.whole);
      return is("csv", csv !== undefined, csv === undefined ? {} : { format: "csv", csv });
    },
  ];
  const results: Result[] = [];
  for (const ask of asked) {
    const result = ask();
    results.push(result);
    if (result.certainty === 1) break;
  }
  return results;
}

const MAX_FIRST_LINE = 10_000;
const firstLine = (text: string): string => {
  const end = text.search(/[\r\n]/);
  return text.slice(0, Math.min(end < 0 ? text.length : end, MAX_FIRST_LINE));
};

const BSON_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 17, 18, 19]);

/** A document's length first, then an element's type and a name without control characters (bsonspec.org). */
function looksLikeBson({ bytes, whole }: FileHead): boolean {
  if (bytes.length < 8) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
  if (length < 8 || (whole && length > bytes.length) || (length <= bytes.length && bytes[length - 1] !== 0))
    return false;
  const end = bytes.indexOf(0, 5);
  return BSON_TYPES.has(bytes[4] ?? -1) && end > 5 && bytes.subarray(5, end).every((byte) => byte >= 0x20);
}
