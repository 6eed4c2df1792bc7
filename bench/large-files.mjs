// node bench/large-files.mjs [--size 2GB] [--only csv]: one file of each format, read whole and written as Parquet;
// peak memory of the process.
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TEXT_FILES, textFile } from "./generate-texts.mjs";
import { measure } from "./measure.mjs";

const { values } = parseArgs({ options: { size: { type: "string", default: "2GB" }, only: { type: "string" } } });
const BYTES = Number(/^(\d+)(MB|GB)$/.exec(values.size)?.[1]) * (values.size.endsWith("GB") ? 1e9 : 1e6);
if (!(BYTES > 0)) throw new Error(`--size ${values.size}: give for example 200MB or 2GB`);
const ROOT = fileURLToPath(new URL("data/large", import.meta.url));
const OUT = fileURLToPath(new URL("out/large", import.meta.url));
/** An Avro file of many blocks: those of a small file that dynaframe wrote, over and over. */
async function avroFile(path) {
  const small = join(OUT, "small-avro");
  const source = join(OUT, "small.json");
  await textFile(source, 4e6, { text: TEXT_FILES["ndjson.gz"].text });
  await measure("convert", { path: source, format: "json", formatOptions: {}, out: small, written: "avro" });
  const [part] = readdirSync(small).filter((name) => name.endsWith(".avro"));
  const bytes = readFileSync(join(small, part));
  const sync = bytes.subarray(-16);
  const header = bytes.indexOf(sync) + 16;
  const blocks = bytes.subarray(header);
  await pipeline(
    Readable.from(
      (function* () {
        yield bytes.subarray(0, header);
        for (let n = header; n < BYTES; n += blocks.length) yield blocks;
      })(),
    ),
    createWriteStream(path),
  );
}

const FILES = { ...TEXT_FILES, avro: { name: "orders.avro", format: "avro" } };

async function made(file) {
  const path = join(ROOT, values.size, file.name);
  if (file.text !== undefined) return textFile(path, BYTES, file);
  if (!existsSync(path)) {
    mkdirSync(join(ROOT, values.size), { recursive: true });
    await avroFile(`${path}.part`);
    renameSync(`${path}.part`, path);
  }
  return path;
}

mkdirSync(OUT, { recursive: true });
console.log(`node ${process.version}, files of ${values.size} (of gzip: unpacked), memoryLimit 512MB, 2 threads`);
for (const [kind, file] of Object.entries(FILES)) {
  if (values.only !== undefined && values.only !== kind) continue;
  const path = await made(file);
  const { format, formatOptions = {} } = file;
  const done = await measure("convert", {
    path,
    format,
    formatOptions,
    out: join(OUT, "copy"),
    written: "parquet",
    threads: 2,
    memoryLimit: "512MB",
  });
  console.log(
    `${kind.padEnd(12)} ${Math.round(statSync(path).size / 1e6)} MB  ${done.result.records} records, ${done.result.errors} errors  peak ${Math.round(done.peakMB)} MB  cpu ${(done.cpuMs / 1000).toFixed(1)} s  wall ${(done.ms / 1000).toFixed(1)} s`,
  );
  rmSync(join(OUT, "copy"), { recursive: true, force: true });
}
