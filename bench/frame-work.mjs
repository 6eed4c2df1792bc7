// Work over frames that run.mjs times against hand-written SQL: mappings, functions, joins, drifting Parquet.
import { createReadStream, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect, mapByHand } from "./baseline.mjs";

const SMALL = fileURLToPath(new URL("data/orders-1MB", import.meta.url));

const MAPPINGS = [
  ["ts", "string", "ts", "string"],
  ["active", "boolean", "active", "boolean"],
  ["customer.id", "int", "customer_id", "long"],
  ["customer.name", "string", "name", "string"],
  ["customer.email", "string", "email", "string"],
  ["customer.prefs.lang", "string", "lang", "string"],
  ["loyalty.tier", "string", "tier", "string"],
  ["loyalty.points", "int", "points", "int"],
];

/** Data made once, under a name that exists only when it is whole. */
async function made(dir, make) {
  if (existsSync(join(dir, "done"))) return;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  await make();
  mkdirSync(join(dir, "done"));
}

async function sql(statements, threads = 2) {
  const db = await connect(threads);
  for (const statement of statements) await db.run(statement);
  db.close();
}

const read = (glue, paths, format) =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { paths }, format });
const write = async (glue, frame, out) => {
  const report = await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: out },
    format: "parquet",
    mode: "overwrite",
  });
  return { written: report.written };
};

const FOUR = ["INTEGER", "BIGINT", "DOUBLE", "VARCHAR"];

export const frameTasks = (open) => ({
  applyMapping: async ({ dir, out, threads }) => {
    const { glue, close } = await open({ threads });
    rmSync(out, { recursive: true, force: true });
    return { run: () => write(glue, read(glue, [dir], "json").applyMapping(MAPPINGS), out), close };
  },
  mapByHand: async ({ dir, out, threads }) => ({ run: () => mapByHand(dir, out, threads) }),
  /** Nested records through a JavaScript function, counted. */
  mapRecords: async ({ paths, format, threads }) => {
    const { glue, close } = await open({ threads });
    return {
      run: async () => ({
        records: await read(glue, paths, format)
          .map((r) => ({ ...r, lines: r.items.length }))
          .count(),
      }),
      close,
    };
  },
  filterRecords: async ({ paths, how, threads }) => {
    const { glue, close } = await open({ threads });
    const keep = (frame) =>
      how === "function" ? frame.filter((r) => r.loyalty.points > 5000) : frame.filter("`loyalty.points` > 5000");
    await keep(read(glue, [SMALL], "json")).count(); // starting the engine is no part of a filter
    const frame = read(glue, paths, "parquet");
    await frame.schema();
    return { run: async () => ({ records: await keep(frame).count() }), close };
  },
  ordersAsParquet: async ({ dir, out }) => ({
    run: () =>
      made(out, async () => {
        const { glue, close } = await open({});
        await write(glue, read(glue, [dir], "json").resolveChoice({ choice: "make_struct" }), join(out, "data"));
        await close();
      }),
  }),
  joinData: async ({ dir }) => ({
    run: () =>
      made(dir, () =>
        sql([
          `COPY (SELECT i AS id, (i * 7919) % 1000000 AS k, i * 0.5 AS v FROM range(10000000) r(i)) TO '${dir}/many.parquet' (FORMAT parquet)`,
          `COPY (SELECT i AS key, 'name ' || i AS name FROM range(1000000) r(i)) TO '${dir}/few.parquet' (FORMAT parquet)`,
        ]),
      ),
  }),
  joinOurs: async ({ dir, out, threads }) => {
    const { glue, close } = await open({ threads });
    // as by hand: removing what the last run wrote took a tenth of this one
    rmSync(out, { recursive: true, force: true });
    return {
      run: () =>
        write(
          glue,
          read(glue, [`${dir}/many.parquet`], "parquet").join(
            "k",
            "key",
            read(glue, [`${dir}/few.parquet`], "parquet"),
          ),
          out,
        ),
      close,
    };
  },
  joinByHand: async ({ dir, out, threads }) => {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    return {
      run: () =>
        sql(
          [
            `COPY (SELECT m.*, f.* FROM '${dir}/many.parquet' m JOIN '${dir}/few.parquet' f ON m.k = f.key) TO '${out}/joined.parquet' (FORMAT parquet, COMPRESSION snappy)`,
          ],
          threads,
        ),
    };
  },
  scanText: async ({ path, format, formatOptions }) => {
    const { glue, close } = await open({ threads: 2 });
    return {
      run: async () => {
        await glue.createDynamicFrame
          .fromOptions({ connectionType: "file", connectionOptions: { path }, format, formatOptions })
          .schema();
        return glue.counters;
      },
      close,
    };
  },
  /** A parser of XML over the same bytes, its events counted and thrown away. */
  saxByHand: async ({ path }) => {
    const { SaxesParser } = await import("saxes");
    return {
      run: async () => {
        let events = 0;
        const parser = new SaxesParser();
        for (const name of ["opentag", "text", "closetag"])
          parser.on(name, () => {
            events++;
          });
        for await (const piece of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 20 }))
          parser.write(piece);
        parser.close();
        return { events };
      },
    };
  },
  /** The same expression matched by JavaScript's own engine, line by line, its captures read and thrown away. */
  regexByHand: async ({ path }) => ({
    run: async () => {
      const regex =
        /^(\S+) (\S+) (\S+) \[([^\]]+)\] "(?:(\w+) (\S+)(?: HTTP\/([0-9.]+))?|([^"]*))" (\d+) (?:(\d+)|-) ("[^"]*") ("[^"]*")/;
      let matched = 0;
      let characters = 0;
      for await (const line of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 20 }) })) {
        const found = regex.exec(line);
        if (found === null) continue;
        matched++;
        for (const capture of found) characters += capture?.length ?? 0;
      }
      return { matched, characters };
    },
  }),
  /** One file read whole and written. */
  convert: async ({ path, format, formatOptions, out, written, ...limits }) => {
    const { glue, close } = await open(limits);
    rmSync(out, { recursive: true, force: true });
    return {
      run: async () => {
        const frame = glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path },
          format,
          formatOptions,
        });
        const report = await glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: "file",
          connectionOptions: { path: out },
          format: written,
          mode: "overwrite",
        });
        if (!report.balanced) throw new Error("the report does not balance");
        return { records: report.written, errors: report.errors };
      },
      close,
    };
  },
  /** The same values in four files: `price` of one type, or of another type in each. */
  driftData: async ({ dir }) => ({
    run: () =>
      made(dir, async () => {
        for (const kind of ["same", "drift"]) {
          mkdirSync(join(dir, kind), { recursive: true });
          await sql(
            FOUR.map(
              (
                type,
                i,
              ) => `COPY (SELECT i AS id, CAST(i % 1000 AS ${kind === "same" ? "DOUBLE" : type}) AS price, 'name ' || (i % 5000) AS name FROM range(${i * 1_000_000}, ${(i + 1) * 1_000_000}) r(i))
          TO '${dir}/${kind}/part-${i}.parquet' (FORMAT parquet)`,
            ),
          );
        }
      }),
  }),
  driftRead: async ({ dir, out, threads }) => {
    const { glue, close } = await open({ threads });
    return {
      run: () => write(glue, read(glue, [dir], "parquet").resolveChoice({ specs: [["price", "cast:double"]] }), out),
      close,
    };
  },
});
