// The job of bench/spark-executors.mjs: drifting orders (bench/generate-orders.mjs) to the six tables of
// relationalize("root") as Parquet, each value of a column whose type drifts kept in the column of its own type. Three
// ways, each from the same files to the same tables:
//
//   by hand   Spark SQL as one writes it who knows the data: records are parsed once into Parquet that has the keys (an
//             id made by monotonically_increasing_id() is not stable over several reads) and a column for each type,
//             then the six tables come from it. What drifts is read as text and told apart by its looks, which is
//             faster in Spark than VARIANT and gives the same for these data; price and qty, where "5" and 5 both
//             occur, are VARIANT.
//   embedded  the script below on the engine of this process, two threads
//   engine    the same script on the same Spark server
//
// The script is not told a schema: it scans all files for their types first. By hand there are two figures: with
// Spark's own pass over the files to infer types (which says "string" for all that drifts: whoever writes the SQL has
// to find out the rest), and without it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Spark's JSON reader gives a text for what is no text where STRING is asked for. */
const SCHEMA =
  "id STRING, ts STRING, price VARIANT, counter STRING, note STRING, active BOOLEAN, "
  + "customer STRUCT<id: INT, name: STRING, email: STRING, prefs: STRUCT<lang: STRING, notif: STRUCT<email: BOOLEAN, sms: STRING, channels: ARRAY<STRING>>>, phone: STRING>, "
  + "address STRING, tags STRING, "
  + "items ARRAY<STRUCT<sku: STRING, qty: VARIANT, price: DOUBLE, attrs: STRUCT<color: STRING, size: STRING>, discounts: ARRAY<STRUCT<code: STRING, amt: DOUBLE>>>>, "
  + "scores ARRAY<DOUBLE>, promo STRUCT<code: STRING, pct: INT>, loyalty STRUCT<tier: STRING, points: INT>, `meta.source` STRING, gift BOOLEAN";

/** What is a text in the file and what is a number, where both look the same as text. */
const isText = (path) => `schema_of_variant(${path}) = 'STRING'`;
const textOf = (path) => `IF(${isText(path)}, try_variant_get(${path}, '$', 'string'), NULL)`;
const numberOf = (path, type) => `IF(${isText(path)}, NULL, try_variant_get(${path}, '$', '${type}'))`;
/** The text where it does not read as the other type. */
const unless = (path, other) => `IF(${other} IS NULL, ${path}, NULL)`;
const key = (list) => `IF(${list} IS NULL, NULL, k)`;

/** The records with their keys and with a column for each type, as they are kept between the read and the tables. */
const PARSED = `SELECT monotonically_increasing_id() AS k, CAST(id AS int) AS id_int, ${unless("id", "CAST(id AS int)")} AS id_string, ts, ${numberOf("price", "double")} AS price_double,
  ${textOf("price")} AS price_string, CAST(counter AS int) AS counter_int, IF(CAST(counter AS int) IS NULL, CAST(counter AS bigint), NULL) AS counter_long,
  IF(CAST(counter AS bigint) IS NULL, CAST(counter AS decimal(38,0)), NULL) AS counter_decimal, active, customer, CASE customer.prefs.notif.sms WHEN 'true' THEN true WHEN 'false' THEN false END AS sms_boolean,
  IF(customer.prefs.notif.sms IN ('true', 'false'), NULL, customer.prefs.notif.sms) AS sms_string, IF(address LIKE '{%', NULL, address) AS address_string,
  IF(address LIKE '{%', from_json(address, 'street STRING, city STRING, zip STRING, geo STRUCT<lat: DOUBLE, lon: DOUBLE>'), NULL) AS address_struct,
  IF(tags LIKE '[%', from_json(tags, 'ARRAY<STRING>'), NULL) AS tags_array, IF(tags LIKE '[%', NULL, tags) AS tags_string,
  transform(items, item -> struct(item.sku, ${numberOf("item.qty", "int")} AS qty_int, ${textOf("item.qty")} AS qty_string, item.price, item.attrs.color,
    CAST(item.attrs.size AS int) AS size_int, ${unless("item.attrs.size", "CAST(item.attrs.size AS int)")} AS size_string, item.discounts)) AS items,
  scores, loyalty, \`meta.source\`, note, gift, promo FROM orders`;

/**
 * The tables, with the names of relationalize. The key of a list in a list is made of the record's key and the place in
 * the outer list.
 */
const TABLES = {
  root: `SELECT id_int, id_string, ts, price_double, price_string, counter_decimal, counter_int, counter_long, active, customer.id AS \`customer.id\`, customer.name AS \`customer.name\`,
    customer.email AS \`customer.email\`, customer.prefs.lang AS \`customer.prefs.lang\`, customer.prefs.notif.email AS \`customer.prefs.notif.email\`, sms_boolean AS \`customer.prefs.notif.sms_boolean\`,
    sms_string AS \`customer.prefs.notif.sms_string\`, ${key("customer.prefs.notif.channels")} AS \`customer.prefs.notif.channels\`, customer.phone AS \`customer.phone\`, address_string,
    address_struct.street AS \`address_struct.street\`, address_struct.city AS \`address_struct.city\`, address_struct.zip AS \`address_struct.zip\`, address_struct.geo.lat AS \`address_struct.geo.lat\`,
    address_struct.geo.lon AS \`address_struct.geo.lon\`, ${key("tags_array")} AS tags_array, tags_string, ${key("items")} AS items, ${key("scores")} AS scores, loyalty.tier AS \`loyalty.tier\`,
    loyalty.points AS \`loyalty.points\`, \`meta.source\`, note, gift, promo.code AS \`promo.code\`, promo.pct AS \`promo.pct\` FROM parsed`,
  "root_customer.prefs.notif.channels":
    "SELECT k AS id, index, val AS `customer.prefs.notif.channels.val` FROM parsed LATERAL VIEW posexplode(customer.prefs.notif.channels) e AS index, val",
  root_tags_array:
    "SELECT k AS id, index, val AS `tags_array.val` FROM parsed LATERAL VIEW posexplode(tags_array) e AS index, val",
  root_items: `SELECT k AS id, index, val.sku AS \`items.val.sku\`, val.qty_int AS \`items.val.qty_int\`, val.qty_string AS \`items.val.qty_string\`, val.price AS \`items.val.price\`, val.color AS \`items.val.attrs.color\`,
    val.size_int AS \`items.val.attrs.size_int\`, val.size_string AS \`items.val.attrs.size_string\`, IF(val.discounts IS NULL, NULL, k * 1000 + index) AS \`items.val.discounts\`
    FROM parsed LATERAL VIEW posexplode(items) e AS index, val`,
  "root_items.val.discounts": `SELECT k * 1000 + i AS id, index, val.code AS \`items.val.discounts.val.code\`, val.amt AS \`items.val.discounts.val.amt\`
    FROM parsed LATERAL VIEW posexplode(items.discounts) e AS i, l LATERAL VIEW posexplode(l) f AS index, val`,
  root_scores: "SELECT k AS id, index, val AS `scores.val` FROM parsed LATERAL VIEW posexplode(scores) e AS index, val",
};

const inPaths = (data) => `path '${data.replaceAll("'", "\\'")}'`;
const writeParquet = (workspace, folder, sql) =>
  workspace.run(`INSERT OVERWRITE DIRECTORY '${pathToFileURL(folder).href}' USING parquet ${sql}`, {});

/** Spark's pass to infer types; nobody reads its result here. */
export const inferOnSpark = (workspace, data) =>
  workspace.run(`CREATE OR REPLACE TEMPORARY VIEW inferred USING json OPTIONS (${inPaths(data)})`, {});

/** By hand, without the pass that infers types. Tables lie in folders of `target` by their names. */
export async function tablesByHand(workspace, data, target) {
  await workspace.run(`CREATE OR REPLACE TEMPORARY VIEW orders (${SCHEMA}) USING json OPTIONS (${inPaths(data)})`, {});
  const parsed = join(target, "parsed");
  await writeParquet(workspace, parsed, PARSED);
  await workspace.run(`CREATE OR REPLACE TEMPORARY VIEW parsed USING parquet OPTIONS (${inPaths(parsed)})`, {});
  for (const [name, sql] of Object.entries(TABLES)) await writeParquet(workspace, join(target, name), sql);
}

/** The script. */
export async function tablesByScript(glue, data, target) {
  const frame = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [data] },
    format: "json",
  });
  const tables = frame.relationalize("root");
  for (const name of await tables.keys()) {
    await glue.writeDynamicFrame.fromOptions({
      frame: tables.select(name),
      connectionType: "file",
      connectionOptions: { path: join(target, name) },
      format: "parquet",
    });
  }
}

/**
 * Rows of each table, and the values of each of its columns that are not null, in the order of the columns' names:
 * `{ table: { rows, column: values } }`.
 */
export async function countsOf(glue, target) {
  const counts = {};
  for (const name of Object.keys(TABLES)) {
    const files = `read_parquet('${join(target, name).replaceAll("'", "''")}/*.parquet')`;
    const [[rows], [values]] = await Promise.all([
      glue.sql(`SELECT count(*) AS rows FROM ${files}`).rows(),
      glue.sql(`SELECT count(COLUMNS(*)) AS "\\0" FROM ${files}`).rows(),
    ]);
    counts[name] = Object.fromEntries(
      Object.entries({ rows: rows.rows, ...values })
        .map(([column, count]) => [column, Number(count)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return counts;
}
