#!/usr/bin/env node
// Gets what tests need beside npm packages, once per machine. One part per file in scripts/provision; without arguments
// all of them.
import { httpfs } from "./provision/httpfs.mjs";
import { iceberg } from "./provision/iceberg.mjs";
import { kafka } from "./provision/kafka.mjs";
import { mariadb } from "./provision/mariadb.mjs";
import { mysql } from "./provision/mysql.mjs";
import { openssh } from "./provision/openssh.mjs";
import { postgresql } from "./provision/postgresql.mjs";
import { pythonClients } from "./provision/python-clients-part.mjs";
import { pyspark } from "./provision/pyspark.mjs";
import { sail } from "./provision/sail.mjs";
import { spark } from "./provision/spark.mjs";
import { versitygw } from "./provision/versitygw.mjs";

const PARTS = [
  versitygw,
  httpfs,
  postgresql,
  mariadb,
  mysql,
  openssh,
  pythonClients,
  pyspark,
  spark,
  sail,
  iceberg,
  kafka,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0)
  throw new Error(`no such part: ${unknown.join(", ")}; there are ${PARTS.map((part) => part.name).join(", ")}`);

for (const part of PARTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  try {
    console.log(`ok      ${part.name}: ${part.provide()}`);
  } catch (error) {
    // a machine without the tool does without the part; a tool that fails is a fault
    const missing = error.code === "ENOENT";
    console.log(
      `${missing ? "SKIPPED" : "FAILED "} ${part.name}: ${missing ? (part.without ?? error.message) : error.message}`,
    );
    if (!missing) process.exitCode = 1;
  }
}
