// A broker of Apache Kafka for the tests, from Maven.
import { mavenJars } from "./maven-jars.mjs";

// as in test/servers/kafka.ts
const VERSION = "4.1.0";

export const kafka = {
  name: "kafka",
  without: "Maven or Java is not installed: the tests against Kafka will be skipped",
  provide: () => mavenJars(`kafka-${VERSION}`, [["org.apache.kafka", "kafka_2.13", VERSION]]),
};
