// Apache Spark's jars with its Connect server, from Maven, where the engine `spark-local` looks for them.
import { mavenJars } from "./maven-jars.mjs";

// as in src/engine/spark/local/spark-jars.ts
const VERSION = "4.2.0";

export const spark = {
  name: "spark",
  without: "Maven or Java is not installed: the tests of the Spark engine will be skipped",
  provide: () =>
    mavenJars(
      `spark-${VERSION}`,
      ["spark-connect_2.13", "spark-sql_2.13"].map((name) => ["org.apache.spark", name, VERSION]),
    ),
};
