// A reader that knows nothing of dynaframe looks at a folder again and again: node foreign-reader.mjs list|duckdb
// FOLDER It ends when its input does, and prints how often it looked and what was wrong.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [how, folder] = process.argv.slice(2);
const wrong = new Set();
const seen = new Set();
let polls = 0,
  going = true;
process.stdin
  .on("end", () => {
    going = false;
  })
  .resume();

/** Ids by a plain listing, each file read whole. */
function listed() {
  let names;
  try {
    names = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name),
        text = readFileSync(path, "utf8");
      if (!text.endsWith("\n")) wrong.add(`${path} ends in the middle of a line`);
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line).id);
    });
}

async function queried() {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  return async () => {
    try {
      return (
        await connection.runAndReadAll(
          `SELECT id FROM read_json('${folder}/**/*.json', columns = {id: 'BIGINT'}, format = 'newline_delimited')`,
        )
      )
        .getRows()
        .map(([id]) => Number(id));
    } catch (error) {
      if (/No files found/.test(error.message)) return [];
      throw error;
    }
  };
}

const look = how === "duckdb" ? await queried() : listed;
while (going) {
  const began = performance.now();
  try {
    const ids = await look(),
      unique = new Set(ids);
    if (unique.size < ids.length) wrong.add(`${ids.length - unique.size} inputs are there twice`);
    for (const id of seen) if (!unique.has(id)) wrong.add(`input ${id} was there and is gone`);
    for (const id of unique) seen.add(id);
    polls += 1;
  } catch (error) {
    wrong.add(error.message);
  }
  await new Promise((resolve) => {
    setTimeout(resolve, Math.max(20, 6 * (performance.now() - began)));
  }); // leaves the machine to the runs
}
console.log(JSON.stringify({ polls, seen: seen.size, wrong: [...wrong].slice(0, 20) }));
process.exit(0);
