// Ratios for work over frames; see run.mjs.
import { join } from "node:path";
import { TEXT_FILES, textFile } from "./generate-texts.mjs";
import { alternate, measure } from "./measure.mjs";

export const frameBenches = ({ runs, out, data, plain, ms, row }) => ({
  mapping: async () => {
    const [ours, theirs] = await alternate(
      runs,
      () => measure("applyMapping", { dir: plain, out: join(out, "mapped"), threads: 2 }),
      () => measure("mapByHand", { dir: plain, out: join(out, "mapped-by-hand"), threads: 2 }),
    );
    row(
      "applyMapping of 8 paths to Parquet / by hand",
      ms(ours),
      ms(theirs),
      (ours.ms / theirs.ms).toFixed(2),
      "<= 1.0 of the time",
      ours.ms <= theirs.ms,
    );
  },
  functions: async () => {
    const dir = join(data, "orders-parquet");
    await measure("ordersAsParquet", { dir: plain, out: dir });
    const paths = [join(dir, "data")];
    const [text, parquet] = await alternate(
      runs,
      () => measure("mapRecords", { paths: [plain], format: "json", threads: 2 }),
      () => measure("mapRecords", { paths, format: "parquet", threads: 2 }),
    );
    for (const [name, done, least] of [
      ["NDJSON", text, 80_000],
      ["Parquet", parquet, 200_000],
    ]) {
      const rate = done.result.records / (done.ms / 1000);
      row(
        `map over nested records from ${name}`,
        ms(done),
        "-",
        `${Math.round(rate / 1000)}k/s`,
        `>= ${least / 1000}k records/s`,
        rate >= least,
      );
    }
    const [asFunction, asText] = await alternate(
      runs,
      () => measure("filterRecords", { paths, how: "function", threads: 2 }),
      () => measure("filterRecords", { paths, how: "text", threads: 2 }),
    );
    if (asFunction.result.records !== asText.result.records)
      throw new Error(`the filters kept ${asFunction.result.records} and ${asText.result.records} records`);
    row(
      "declarative filter / JavaScript filter",
      ms(asText),
      ms(asFunction),
      `${(asFunction.ms / asText.ms).toFixed(1)}x`,
      ">= 10x",
      asFunction.ms / asText.ms >= 10,
    );
  },
  join: async () => {
    const dir = join(data, "join");
    await measure("joinData", { dir });
    const [ours, theirs] = await alternate(
      runs,
      () => measure("joinOurs", { dir, out: join(out, "joined"), threads: 2 }),
      () => measure("joinByHand", { dir, out: join(out, "joined-by-hand"), threads: 2 }),
    );
    row(
      "join of 10 M and 1 M rows to Parquet / by hand",
      ms(ours),
      ms(theirs),
      (ours.ms / theirs.ms).toFixed(2),
      "<= 1.2 of the time",
      ours.ms <= 1.2 * theirs.ms,
    );
  },
  /** No target is set for these formats; the bare parsers keep nothing. */
  records: async () => {
    for (const [kind, task, name] of [
      ["xml", "saxByHand", "exact scan of XML / a bare SAX parse"],
      ["grokLog", "regexByHand", "exact scan of a log by grok / bare RegExp"],
    ]) {
      const { name: file, format, formatOptions } = TEXT_FILES[kind];
      const path = await textFile(join(data, "texts", file), 50e6, TEXT_FILES[kind]);
      const [ours, theirs] = await alternate(
        runs,
        () => measure("scanText", { path, format, formatOptions }),
        () => measure(task, { path }),
      );
      row(
        name,
        ms(ours),
        ms(theirs),
        (ours.ms / theirs.ms).toFixed(2),
        `none set; ${Math.round(50e3 / ours.ms)} MB/s, cpu ${Math.round(ours.cpuMs)} / ${Math.round(theirs.cpuMs)} ms`,
        true,
      );
    }
  },
  parquetDrift: async () => {
    const dir = join(data, "drifting-parquet");
    await measure("driftData", { dir });
    const [drift, same] = await alternate(
      runs,
      () => measure("driftRead", { dir: join(dir, "drift"), out: join(out, "drift"), threads: 2 }),
      () => measure("driftRead", { dir: join(dir, "same"), out: join(out, "same"), threads: 2 }),
    );
    row(
      "Parquet drifting across four footers / the same without",
      ms(drift),
      ms(same),
      (drift.ms / same.ms).toFixed(2),
      "<= 1.6 of the time",
      drift.ms <= 1.6 * same.ms,
    );
  },
});
