/**
 * A job into databases and a folder that kills itself at a step: `node killed-database-run.cjs FOLDER STEP`, the
 * databases as a list of JSON in DATABASES. Steps are the calls that the catalog gets, and COMMITs of the servers by
 * their number, seen in the drivers.
 */
import { join } from "node:path";
import mysql from "mysql2";
import pg from "pg";
import { GlueContext, type DatabaseConnectionOptions, type DatabaseConnectionType } from "../../src/index.js";
import { beginEtl, etlSource, runUntilKilled, watchedContext } from "./killed-job.js";

const [folder = "", step = ""] = process.argv.slice(2);
const die = (at: string): void => {
  if (at === step) process.kill(process.pid, "SIGKILL");
};
const watch = {
  before: (call: string): void => {
    die(`before ${call}`);
  },
  after: (call: string): void => {
    die(`after ${call}`);
  },
};

let isCommitting = false;
let commits = 0;
const commitBegins = (sql: unknown): number | undefined => {
  if (!isCommitting || sql !== "COMMIT") return undefined;
  commits += 1;
  die(`before COMMIT ${commits}`);
  return commits;
};
type Query = (
  this: unknown,
  query: { readonly text?: string; readonly sql?: string },
  done?: (...results: unknown[]) => void,
) => unknown;
const ofPostgres = pg.Client.prototype as unknown as { query: Query };
const ofMysql = (mysql as unknown as { readonly Connection: { readonly prototype: { query: Query } } }).Connection
  .prototype;

function watchDrivers(): void {
  const [queryPostgres, queryMysql] = [ofPostgres.query, ofMysql.query];
  ofPostgres.query = function query(config, done) {
    const nth = commitBegins(config.text);
    const result = queryPostgres.call(this, config, done);
    return nth === undefined
      ? result
      : (result as Promise<unknown>).then((value) => {
          die(`after COMMIT ${nth}`);
          return value;
        });
  };
  ofMysql.query = function query(options, done) {
    const nth = commitBegins(options.sql);
    return queryMysql.call(
      this,
      options,
      nth === undefined
        ? done
        : (...results) => {
            die(`after COMMIT ${nth}`);
            done?.(...results);
          },
    );
  };
}

runUntilKilled(async () => {
  const databases = JSON.parse(process.env["DATABASES"] ?? "[]") as readonly {
    readonly kind: DatabaseConnectionType;
    readonly options: DatabaseConnectionOptions;
  }[];
  watchDrivers();
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
  const job = await beginEtl(watchedContext(glue, watch, { catalog: watch }));
  const frame = etlSource(glue, folder);
  for (const { kind, options } of databases) {
    await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: kind,
      connectionOptions: { ...options, dbtable: "killed" },
    });
    if (databases.length > 1)
      await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: kind,
        connectionOptions: { ...options, dbtable: "merged", mergeKeys: "id" },
        mode: "merge",
      });
  }
  die("written");
  await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: join(folder, "out") },
    format: "json",
  });
  isCommitting = true;
  await job.commit();
  throw new Error(`the step ${step} was not met`);
});
