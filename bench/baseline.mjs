// What an expert writes by hand in DuckDB SQL for the same work on the generated orders, with the schema known
// beforehand.
import { mkdirSync, rmSync } from "node:fs";

/** Explicit columns: choices as JSON leaves, everything else typed. Of the ways DuckDB has, the fastest. */
const COLUMNS = {
  id: "JSON",
  ts: "VARCHAR",
  price: "JSON",
  counter: "DECIMAL(38,0)",
  note: "VARCHAR",
  active: "BOOLEAN",
  customer:
    "STRUCT(id INTEGER, name VARCHAR, email VARCHAR, prefs STRUCT(lang VARCHAR, notif STRUCT(email BOOLEAN, sms JSON, channels VARCHAR[])), phone VARCHAR)",
  address: "JSON",
  tags: "JSON",
  items:
    "STRUCT(sku VARCHAR, qty JSON, price DOUBLE, attrs STRUCT(color VARCHAR, size JSON), discounts STRUCT(code VARCHAR, amt DOUBLE)[])[]",
  scores: "DOUBLE[]",
  promo: "STRUCT(code VARCHAR, pct INTEGER)",
  loyalty: "STRUCT(tier VARCHAR, points INTEGER)",
  "meta.source": "VARCHAR",
  gift: "BOOLEAN",
};
const columnList = `{${Object.entries(COLUMNS)
  .map(([name, type]) => `'${name}': '${type}'`)
  .join(", ")}}`;
const readOrders = (dir) =>
  `read_json('${dir}/*.ndjson', format = 'newline_delimited', records = true, columns = ${columnList})`;

export async function connect(threads) {
  // here, so that tasks of ours do not start with DuckDB loaded
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`SET threads = ${threads}`);
  await connection.run("SET preserve_insertion_order = false");
  return {
    run: (sql) => connection.run(sql),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Every distinct structure with its count: the nearest thing DuckDB has to an exact scan. */
export async function structureCounts(dir, threads) {
  const db = await connect(threads);
  await db.run(
    `CREATE TABLE shapes AS SELECT json_structure(json) AS shape, count(*) AS n FROM read_ndjson_objects('${dir}/*.ndjson') GROUP BY 1`,
  );
  db.close();
}

/** Reading with the columns known. */
export async function readKnown(dir, threads) {
  const db = await connect(threads);
  await db.run(`CREATE TABLE t AS FROM ${readOrders(dir)}`);
  db.close();
}

const text = (leaf) => `CASE json_type(${leaf}) WHEN 'VARCHAR' THEN ${leaf} ->> '$' END`;
const whole = (leaf) => `CASE WHEN json_type(${leaf}) IN ('UBIGINT', 'BIGINT') THEN TRY_CAST(${leaf} AS INTEGER) END`;
const cast = (leaf, type) =>
  `CASE WHEN json_type(${leaf}) = 'VARCHAR' THEN TRY_CAST(${leaf} ->> '$' AS ${type}) ELSE TRY_CAST(${leaf} AS ${type}) END`;

const ROOT = `
  SELECT CASE WHEN json_type(id) = 'VARCHAR' THEN id ->> '$' ELSE CAST(id AS VARCHAR) END AS id, ts, ${cast("price", "DOUBLE")} AS price, counter, note, active,
    customer.id AS "customer.id", customer.name AS "customer.name", customer.email AS "customer.email", customer.prefs.lang AS "customer.prefs.lang",
    customer.prefs.notif.email AS "customer.prefs.notif.email", CASE WHEN json_type(customer.prefs.notif.sms) = 'BOOLEAN' THEN CAST(customer.prefs.notif.sms AS BOOLEAN) END AS "customer.prefs.notif.sms_boolean",
    ${text("customer.prefs.notif.sms")} AS "customer.prefs.notif.sms_string", CASE WHEN customer.prefs.notif.channels IS NOT NULL THEN k END AS "customer.prefs.notif.channels",
    customer.phone AS "customer.phone", ${text("address")} AS address_string, address ->> '$.street' AS "address_struct.street", address ->> '$.city' AS "address_struct.city",
    address ->> '$.zip' AS "address_struct.zip", CAST(address -> '$.geo.lat' AS DOUBLE) AS "address_struct.geo.lat", CAST(address -> '$.geo.lon' AS DOUBLE) AS "address_struct.geo.lon",
    CASE WHEN json_type(tags) = 'ARRAY' THEN k END AS tags_array, ${text("tags")} AS tags_string, CASE WHEN items IS NOT NULL THEN k END AS items, CASE WHEN scores IS NOT NULL THEN k END AS scores,
    promo.code AS "promo.code", promo.pct AS "promo.pct", loyalty.tier AS "loyalty.tier", loyalty.points AS "loyalty.points", "meta.source", gift
  FROM t`;
const ITEMS = `
  SELECT id, index, e.sku AS "items.val.sku", ${cast("e.qty", "BIGINT")} AS "items.val.qty", e.price AS "items.val.price", e.attrs.color AS "items.val.attrs.color",
    ${whole("e.attrs.size")} AS "items.val.attrs.size_int", ${text("e.attrs.size")} AS "items.val.attrs.size_string", CASE WHEN e.discounts IS NOT NULL THEN k END AS "items.val.discounts"
  FROM i`;
const child = (list, from) =>
  `SELECT k AS id, generate_subscripts(l, 1) - 1 AS index, unnest(l) AS val FROM (SELECT k, ${list} AS l FROM ${from})`;

/**
 * Resolve three choices, split the others, relationalize into six tables, one snappy COPY per table: staged once,
 * unordered.
 */
export async function relationalizeByHand(dir, out, threads) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const db = await connect(threads);
  const copy = (query, name) =>
    db.run(`COPY (${query}) TO '${out}/${name}.parquet' (FORMAT parquet, COMPRESSION snappy)`);
  await db.run(`CREATE TABLE t AS SELECT row_number() OVER () AS k, * FROM ${readOrders(dir)}`);
  await copy(ROOT, "orders");
  await db.run(
    "CREATE TABLE i AS SELECT row_number() OVER () AS k, id, index, e FROM (SELECT k AS id, generate_subscripts(items, 1) - 1 AS index, unnest(items) AS e FROM t)",
  );
  await copy(ITEMS, "items");
  await copy(
    `SELECT id, index, e.code AS "items.val.discounts.val.code", e.amt AS "items.val.discounts.val.amt" FROM (SELECT k AS id, generate_subscripts(e.discounts, 1) - 1 AS index, unnest(e.discounts) AS e FROM i)`,
    "discounts",
  );
  await copy(child("scores", "t"), "scores");
  await copy(child("customer.prefs.notif.channels", "t"), "channels");
  await copy(child("CAST(tags AS VARCHAR[])", "t WHERE json_type(tags) = 'ARRAY'"), "tags");
  db.close();
}

/** Eight paths of the orders as flat columns: only what is asked for is read. */
export async function mapByHand(dir, out, threads) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const db = await connect(threads);
  const columns =
    "{'ts': 'VARCHAR', 'active': 'BOOLEAN', 'customer': 'STRUCT(id BIGINT, name VARCHAR, email VARCHAR, prefs STRUCT(lang VARCHAR))', 'loyalty': 'STRUCT(tier VARCHAR, points INTEGER)'}";
  await db.run(`COPY (SELECT ts, active, customer.id AS customer_id, customer.name AS name, customer.email AS email, customer.prefs.lang AS lang, loyalty.tier AS tier, loyalty.points AS points
    FROM read_json('${dir}/*.ndjson', format = 'newline_delimited', records = true, columns = ${columns})) TO '${out}/mapped.parquet' (FORMAT parquet, COMPRESSION snappy)`);
  db.close();
}
