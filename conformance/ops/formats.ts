/** Reading and writing of formats. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asObject, asText, member, type JsonObject } from "../case.js";
import { unknownKeys } from "../compare/frame.js";
import { differs, firstOf } from "../compare/values.js";
import { NotBuilt } from "../environment.js";
import { frameOperation } from "./dynamicframe.js";
import { operation, type OperationTable } from "./operation.js";

export const formatOperations: OperationTable = {
  read: frameOperation(async ({ input, args }, environment) => {
    const format = readFormat(member(args, "format"));
    const path = await environment.write(`data/input.${format}`, asText(member(asObject(input), "text")));
    const formatOptions = asObject(member(args, "formatOptions") ?? {});
    return environment.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: [path] },
      format,
      formatOptions,
    });
  }),
  readCatalog: frameOperation(async ({ input, args }, environment) => {
    const table = asObject(member(args, "catalogTable"));
    const format = builtFormat(member(asObject(member(table, "parameters") ?? {}), "classification"));
    const path = await environment.write(`data/input.${format}`, asText(member(asObject(input), "text")));
    await environment.register("conformance", "input", table, dirname(path));
    return environment.glue.createDynamicFrame.fromCatalog({ database: "conformance", tableName: "input" });
  }),
  /** One file: a cluster would write one for each task. */
  write: operation(
    async ({ input, args }, environment) => {
      const format = builtFormat(member(args, "format"));
      const { glue, directory } = environment;
      const { files } = await glue.writeDynamicFrame.fromOptions({
        frame: environment.load(input).coalesce(1),
        connectionType: "file",
        connectionOptions: { path: join(directory, "out") },
        format,
        formatOptions: asObject(member(args, "formatOptions") ?? {}),
      });
      if (files.length > 1) throw new Error(`${files.length} files were written for one`);
      return files[0] === undefined ? "" : readFile(files[0].path, "utf8");
    },
    (expected, text) =>
      firstOf(
        () => unknownKeys(expected, ["text"]),
        () => differs("text", lines(text), lines(asText(member(expected, "text")))),
      ),
  ),
};

/** CRLF counts as LF, and a final newline does not matter. */
const lines = (text: string): string => text.replaceAll("\r\n", "\n").replace(/\n$/, "");

function readFormat(format: JsonObject[string] | undefined): "csv" | "json" | "xml" | "grokLog" {
  return format === "xml" || format === "grokLog" ? format : builtFormat(format);
}

function builtFormat(format: JsonObject[string] | undefined): "csv" | "json" {
  if (format === "csv" || format === "json") return format;
  throw new NotBuilt(`the format ${String(format)} is not built yet`);
}
