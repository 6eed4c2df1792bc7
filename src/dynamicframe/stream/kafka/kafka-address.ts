/** Where the brokers are and how one says who one is: from the options, or from a connection of the catalog. */
import type { ConnectionInput } from "../../../catalog/model.js";
import { getNamedConnection } from "../../../database/catalog-address.js";
import { DynaframeError } from "../../../types/error.js";
import type { FrameSession } from "../../frame-node.js";
import { requireCatalog } from "../../require-catalog.js";
import type { KafkaSourceOptions } from "./kafka-options.js";

type Mechanism = "plain" | "scram-sha-256" | "scram-sha-512";

export type KafkaAddress = {
  readonly brokers: readonly string[];
  /** Over TLS; `ca`: authorities, as PEM, instead of Node's. */
  readonly tls: boolean;
  readonly ca?: string;
  readonly sasl?: {
    [M in Mechanism]: { readonly mechanism: M; readonly username: string; readonly password: string };
  }[Mechanism];
};

/** @throws BAD_ADDRESS, BAD_OPTION, ENTITY_NOT_FOUND, UNSUPPORTED_CONNECTION; none carries a secret */
export async function kafkaAddress(options: KafkaSourceOptions, session: FrameSession): Promise<KafkaAddress> {
  const { connectionName, bootstrapServers: ours, "bootstrap.servers": bootstrapServers = ours } = options;
  if (connectionName === undefined)
    return {
      brokers: brokersOf(bootstrapServers, "bootstrap.servers"),
      tls: isTls(options["security.protocol"] ?? "PLAINTEXT"),
    };
  const connection = await getNamedConnection(requireCatalog(session), connectionName, session.secrets);
  if (connection.ConnectionType !== "KAFKA") {
    throw new DynaframeError(
      "UNSUPPORTED_CONNECTION",
      `Connection ${connectionName} is of type ${connection.ConnectionType}.`,
      {
        path: connectionName,
        expected: "KAFKA",
        found: connection.ConnectionType,
        hint: "Name a connection of type KAFKA.",
      },
    );
  }
  const properties = connection.ConnectionProperties;
  const ca = properties["KAFKA_CUSTOM_CERT"];
  const sasl = await saslOf(connection, session);
  return {
    brokers: brokersOf(
      bootstrapServers ?? properties["KAFKA_BOOTSTRAP_SERVERS"],
      `${connectionName}.KAFKA_BOOTSTRAP_SERVERS`,
    ),
    // Glue: true where it is not said
    tls: properties["KAFKA_SSL_ENABLED"]?.toLowerCase() !== "false",
    ...(ca === undefined || ca === "" ? {} : { ca: await textOf(ca, session) }),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

function brokersOf(text: string | undefined, path: string): readonly string[] {
  const brokers = (text ?? "")
    .split(",")
    .map((broker) => broker.trim())
    .filter((broker) => broker !== "");
  if (brokers.length > 0 && brokers.every((broker) => /^(?:[^\s:/@]+|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(broker)))
    return brokers;
  throw new DynaframeError("BAD_ADDRESS", `kafka: ${path} names no brokers.`, {
    path,
    expected: "host:port, several with commas between",
    hint: "Give connectionOptions: { 'bootstrap.servers': 'broker:9092' }, or the connectionName of a connection of type KAFKA.",
  });
}

function isTls(protocol: string): boolean {
  if (protocol === "SSL" || protocol === "PLAINTEXT") return protocol === "SSL";
  throw new DynaframeError("BAD_OPTION", `kafka: option security.protocol takes SSL or PLAINTEXT.`, {
    path: "security.protocol",
    expected: "SSL, PLAINTEXT",
    found: protocol,
    hint: "Brokers that ask for a user are reached by a connection of the catalog (connectionName), which keeps the secret.",
  });
}

const MECHANISMS: { readonly [name: string]: Mechanism } = {
  "PLAIN": "plain",
  "SCRAM-SHA-256": "scram-sha-256",
  "SCRAM-SHA-512": "scram-sha-512",
};

/** The user: of SECRET_ID (USERNAME, PASSWORD), of KAFKA_SASL_SCRAM_SECRETS_ARN, or of the connection itself. */
async function saslOf(
  { Name: name, ConnectionProperties: properties }: ConnectionInput,
  session: FrameSession,
): Promise<KafkaAddress["sasl"]> {
  const { KAFKA_SASL_MECHANISM: said, KAFKA_SASL_SCRAM_SECRETS_ARN: arn } = properties;
  if (said === undefined || said === "") return undefined;
  const mechanism = MECHANISMS[said.toUpperCase()];
  if (mechanism === undefined) {
    throw new DynaframeError("UNSUPPORTED_CONNECTION", `Connection ${name}: the mechanism ${said} is not spoken.`, {
      path: `${name}.KAFKA_SASL_MECHANISM`,
      expected: Object.keys(MECHANISMS).join(", "),
      found: said,
      hint: "Give the brokers a user for one of these mechanisms.",
    });
  }
  const secret = arn === undefined || arn === "" ? {} : await session.secrets(arn);
  const username = secret["username"] ?? properties["KAFKA_SASL_SCRAM_USERNAME"] ?? properties["USERNAME"];
  const password = secret["password"] ?? properties["KAFKA_SASL_SCRAM_PASSWORD"] ?? properties["PASSWORD"];
  if (username !== undefined && password !== undefined) return { mechanism, username, password };
  throw new DynaframeError("BAD_ADDRESS", `Connection ${name} has a mechanism and no user.`, {
    path: name,
    expected: "KAFKA_SASL_SCRAM_USERNAME and KAFKA_SASL_SCRAM_PASSWORD",
    hint: "Give it these, or name a secret that has username and password: KAFKA_SASL_SCRAM_SECRETS_ARN, or SECRET_ID.",
  });
}

/** A certificate as it stands, or the address of a file of it. */
async function textOf(certificate: string, { storage }: FrameSession): Promise<string> {
  if (certificate.includes("-----BEGIN")) return certificate;
  const reader = await storage.open(certificate);
  try {
    const bytes = new Uint8Array(reader.ref.size);
    for (let at = 0, count = 1; at < bytes.length && count > 0; at += count)
      count = await reader.read(bytes.subarray(at), at);
    return Buffer.from(bytes).toString("utf8");
  } finally {
    await reader.close();
  }
}
