/** The classifiers, custom and built in, and what each says of the head of a file. */
import { headText, type FileHead } from "../../formats/head.js";
import { looksLikeJson } from "../../formats/json-head.js";
import { orcFormat } from "../../formats/orc.js";
import { xmlFormat } from "../../formats/xml/xml-format.js";
import { type Classification, UNKNOWN_CLASSIFICATION } from "./classification.js";
import { csvLayout, type CsvSettings } from "./csv-layout.js";
import { type GrokSettings, grokLayout } from "./grok-layout.js";
import { pickClassification, type ClassifierResult } from "./pick-classification.js";
import { hasRow, type XmlSettings } from "./xml-layout.js";

/** A custom classifier, with the settings of Glue's API in camelCase. */
export type CustomClassifier =
  | ({ readonly type: "csv" } & CsvSettings)
  | { readonly type: "json"; readonly jsonPath?: string }
  | ({ readonly type: "xml" } & XmlSettings)
  | ({ readonly type: "grok" } & GrokSettings);

type Body = Omit<Classification, "compression">;
type Result = ClassifierResult & { readonly body: Body };

/** Custom classifiers in their order, then Glue's built-in ones in theirs; those of formats not built yet are left out. */
export function classifyHead(head: FileHead, custom: readonly CustomClassifier[]): Classification {
  const picked = pickClassification([...custom.map((classifier, i) => runCustom(classifier, i, head)), ...builtIns(head)]);
  const body: Body = picked?.body ?? { name: UNKNOWN_CLASSIFICATION, decidedBy: "none" };
  const unreadable = !["none", "gzip", "zstd", "bzip2", "snappy"].includes(head.compression);
  const { format, ...rest } = body;
  return { ...rest, ...(format === undefined || unreadable ? {} : { format }), compression: head.compression };
}

function runCustom(classifier: CustomClassifier, index: number, head: FileHead): Result {
  const decidedBy = `custom:${classifier.type}[${index}]`;
  const result = (body: Body | undefined): Result =>
    ({ name: decidedBy, certainty: body === undefined ? 0 : 1, custom: true, body: body ?? { name: UNKNOWN_CLASSIFICATION, decidedBy } });
  switch (classifier.type) {
    case "csv": {
      const csv = csvLayout(headText(head.bytes), head.whole, classifier);
      return result(csv === undefined ? undefined : { name: "csv", format: "csv", decidedBy, csv });
    }
    case "json": {
      const path = classifier.jsonPath;
      const matches = looksLikeJson(headText(head.bytes));
      return result(matches ? { name: "json", format: "json", decidedBy, ...(path === undefined ? {} : { jsonPath: path }) } : undefined);
    }
    case "xml": {
      const { rowTag, classification = "xml" } = classifier;
      return result(hasRow(headText(head.bytes), rowTag) ? { name: classification, format: "xml", decidedBy, xml: { rowTag } } : undefined);
    }
    case "grok": {
      const grok = grokLayout(headText(head.bytes), head.whole, classifier);
      return result(grok === undefined ? undefined : { name: classifier.classification, format: "grokLog", decidedBy, grok });
    }
  }
}

function builtIns(head: FileHead): readonly Result[] {
  const magic = Buffer.from(head.bytes.subarray(0, 4)).toString("latin1");
  const is = (name: string, certain: boolean, body: Partial<Body> = {}): Result =>
    ({ name, certainty: certain ? 1 : 0, body: { name, decidedBy: `builtin:${name}`, ...body } });
  const certain = [
    is("avro", magic === "Obj\u0001", { format: "avro" }), is("orc", orcFormat.detect(head.bytes, "")), is("parquet", magic === "PAR1", { format: "parquet" }),
  ];
  if (certain.some(({ certainty }) => certainty === 1)) return certain;
  const text = headText(head.bytes);
  const csv = csvLayout(text, head.whole);
  return [
    is("json", looksLikeJson(text), { format: "json" }),
    // without a classifier's row tag nobody knows which elements are records
    is("xml", xmlFormat.detect(head.bytes, "")),
    is("csv", csv !== undefined, { format: "csv", ...(csv === undefined ? {} : { csv }) }),
  ];
}
