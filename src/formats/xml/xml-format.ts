import { DynaframeError } from "../../types/error.js";
import { badValue, booleanOption, checkOptions, type OptionTable, textOption } from "../check-options.js";
import { decoderLabel } from "../decoder-label.js";
import { headText } from "../head.js";
import type { Format, FormatOptions } from "../index.js";
import { recordFormat } from "../record-format.js";
import type { XmlOptions } from "./xml-reader.js";

const OPTIONS: OptionTable = {
  rowTag: "string",
  encoding: "string",
  excludeAttribute: "boolean",
  treatEmptyValuesAsNulls: "boolean",
  attributePrefix: "string",
  valueTag: "string",
  ignoreSurroundingSpaces: "boolean",
  withSchema: "any",
};

/**
 * XML, read only. Each element named `rowTag` is a record; what is around rows is not data. Attributes are fields with
 * `attributePrefix` (`_`), text beside attributes or elements is `valueTag` (`_VALUE`), elements of one name are a
 * list. Source: docs/sources.md#formats, docs/decisions/0031.
 */
export const xmlFormat: Format = recordFormat({
  name: "xml",
  detect: (head: Uint8Array) => looksLikeXml(headText(head)),
  checkOptions: (options: FormatOptions) => {
    xmlOptions(options);
  },
  reader: async (options: FormatOptions) => {
    const { xmlReader } = await import("./xml-reader.js");
    return xmlReader(xmlOptions(options));
  },
});

/** Whether a text begins as XML documents do. */
const looksLikeXml = (text: string): boolean => /^\uFEFF?\s*<(\?xml|!--|!DOCTYPE|[A-Za-z_])/.test(text);

/** Names as XML has them, without the brackets that some give. The expression is made when used: decision 0192. */
export const isXmlName = (name: unknown): name is string =>
  typeof name === "string" && new RegExp(String.raw`^[\p{L}_:][\p{L}\p{N}_:.\-\u00b7]*$`, "u").test(name);

/** Checks the options and fills in Glue's defaults. BAD_OPTION names the option. */
function xmlOptions(options: FormatOptions): XmlOptions {
  checkOptions("xml", options, OPTIONS);
  const rowTag = textOption(options, "rowTag");
  if (rowTag === undefined) {
    throw new DynaframeError("BAD_OPTION", "format xml needs the option rowTag", {
      path: "rowTag",
      expected: "the name of the elements that are records",
      hint: 'For example rowTag: "book".',
    });
  }
  if (!isXmlName(rowTag)) throw badValue("xml", "rowTag", "the name of an element, without < and >", rowTag);
  const encoding = textOption(options, "encoding");
  if (encoding !== undefined && decoderLabel(encoding) === undefined)
    throw badValue("xml", "encoding", "the name of an encoding, such as UTF-8 or ISO-8859-1", encoding);
  const valueTag = textOption(options, "valueTag") ?? "_VALUE";
  if (valueTag === "") throw badValue("xml", "valueTag", "a name", valueTag);
  return {
    rowTag,
    encoding,
    valueTag,
    attributePrefix: textOption(options, "attributePrefix") ?? "_",
    excludeAttribute: booleanOption(options, "excludeAttribute", false),
    treatEmptyValuesAsNulls: booleanOption(options, "treatEmptyValuesAsNulls", false),
    ignoreSurroundingSpaces: booleanOption(options, "ignoreSurroundingSpaces", false),
  };
}
