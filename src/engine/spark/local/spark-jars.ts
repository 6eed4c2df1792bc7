/** Where a machine has Spark's jars. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../../storage/cache-folder.js";
import { DynaframeError } from "../../../types/error.js";

/** The version whose protocol the client was generated from. */
export const SPARK_VERSION = "4.2.0";

/**
 * The folder of jars, the first that has a Spark Connect server: what `DYNAFRAME_SPARK_JARS` names, the cache,
 * `SPARK_HOME`.
 * @throws SPARK_NOT_INSTALLED with the two ways to install
 */
export function sparkJars(): string {
  const { DYNAFRAME_SPARK_JARS: named, SPARK_HOME: home } = process.env;
  const places = [
    named,
    join(cacheFolder(), `spark-${SPARK_VERSION}`),
    home === undefined ? undefined : join(home, "jars"),
  ].filter((place) => place !== undefined && place !== "");
  const found = places.find((place): place is string => place !== undefined && hasServer(place));
  if (found !== undefined) return found;
  throw notInstalled(`No jars of a Spark Connect server: looked in ${places.join(", ")}.`);
}

function hasServer(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => /^spark-connect_2\.1\d-\d.*\.jar$/.test(name));
}

export const notInstalled = (why: string): DynaframeError =>
  new DynaframeError("SPARK_NOT_INSTALLED", why, {
    expected: `Java 17 or later, and the jars of Apache Spark ${SPARK_VERSION}`,
    hint:
      `Install Java 17 or later, and the jars in one of two ways: with Maven, org.apache.spark:spark-connect_2.13:${SPARK_VERSION} and its dependencies into ${join(cacheFolder(), `spark-${SPARK_VERSION}`)} `
      + `(mvn dependency:copy-dependencies -DoutputDirectory=…); or by pip install pyspark==${SPARK_VERSION}, with SPARK_HOME set to the package's folder. Or give the address of a server: engine "sc://host:port".`,
  });
