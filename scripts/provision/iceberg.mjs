// A Spark that Iceberg supports, Iceberg's runtime for it and its bundle of the AWS SDK for Java, from Maven: clients
// of the server, for its tests.
import { mavenJars } from "./maven-jars.mjs";

// Iceberg's newest runtime is for Spark 4.1: on 4.2, the version of the engine `spark-local`, its catalog cannot be
// loaded. the folder's name is in test/server/java-client.ts, too
const [SPARK, ICEBERG] = ["4.1.1", "1.12.0"];

export const iceberg = {
  name: "iceberg",
  without:
    "Maven or Java is not installed: the tests with Spark's GlueCatalog and the AWS SDK for Java will be skipped",
  provide: () =>
    mavenJars(`iceberg-${ICEBERG}-spark-${SPARK}`, [
      ["org.apache.spark", "spark-sql_2.13", SPARK],
      ["org.apache.iceberg", "iceberg-spark-runtime-4.1_2.13", ICEBERG],
      ["org.apache.iceberg", "iceberg-aws-bundle", ICEBERG],
    ]),
};
