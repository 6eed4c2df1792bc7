/**
 * A broker of Apache Kafka of the test's own (KRaft, one node), in a temporary folder on free ports, gone afterwards.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { databaseServer, freePort, type DatabaseServer } from "./server-process.js";

// as scripts/provision/kafka.mjs puts it there
const jars = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dynaframe", "kafka-4.1.0");
const PASSWORD = "s3cret pass";

/**
 * `port` is of the listener without TLS and users, `securePort` of SASL_SSL at the name localhost, for `user` by
 * SCRAM-SHA-512 and PLAIN.
 */
export type KafkaServer = DatabaseServer & { readonly securePort: number };

/** `describe` where there is a broker to start; one loud line where there is none. In CI there must be one. */
export const describeKafka: (name: string, tests: () => void) => void = (name, tests) => {
  if (process.env["CI"] === "true" || (existsSync(jars) && spawnSync("java", ["-version"]).error === undefined)) {
    describe(name, tests);
    return;
  }
  process.stderr.write(
    `SKIPPED ${name}: there is no broker to start (npm run provision kafka; needs Java and Maven)\n`,
  );
  describe.skip(name, tests);
};

/** A PEM text as one value of a properties file. */
const property = (pem: string): string => pem.trim().replaceAll("\n", "\\n");

export async function startKafka({ cert, key }: { readonly cert: string; readonly key: string }): Promise<KafkaServer> {
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-kafka-"));
  const file = join(folder, "server.properties");
  const [port, securePort, controller] = [await freePort(), await freePort(), await freePort()];
  writeFileSync(
    file,
    [
      "process.roles=broker,controller",
      "node.id=1",
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `log.dirs=${join(folder, "logs")}`,
      `listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://localhost:${securePort}`,
      "controller.listener.names=CONTROLLER",
      "inter.broker.listener.name=PLAINTEXT",
      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
      "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
      `listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_tester="${PASSWORD}";`,
      "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
      "ssl.keystore.type=PEM",
      `ssl.keystore.certificate.chain=${property(cert)}`,
      `ssl.keystore.key=${property(key)}`,
      "offsets.topic.replication.factor=1",
      "transaction.state.log.replication.factor=1",
      "transaction.state.log.min.isr=1",
      "offsets.topic.num.partitions=1",
      "transaction.state.log.num.partitions=1",
      "group.initial.rebalance.delay.ms=0",
      "auto.create.topics.enable=false",
      "",
    ].join("\n"),
  );
  const java = (...args: string[]): string[] => [
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-cp",
    join(jars, "*"),
    ...args,
  ];
  const made = spawnSync(
    "java",
    java(
      "kafka.tools.StorageTool",
      "format",
      "-t",
      "AAAAAAAAAAAAAAAAAAAAAQ",
      "-c",
      file,
      "--add-scram",
      `SCRAM-SHA-512=[name=tester,password=${PASSWORD}]`,
    ),
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`the broker's folder was not made: ${made.stderr}${made.stdout}`);
  const server = spawn("java", java("kafka.Kafka", file), { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  return {
    ...(await databaseServer(server, () => answers(port), { folder, port, password: PASSWORD, end: "SIGKILL" })),
    securePort,
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
