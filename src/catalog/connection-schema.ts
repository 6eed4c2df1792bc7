/**
 * What a connection may hold: Glue's ConnectionType and ConnectionPropertyKey (AWS Glue API, "Connections API"), and
 * ours for S3.
 */

const CONNECTION_TYPES = ["JDBC", "SFTP", "MONGODB", "KAFKA", "NETWORK", "MARKETPLACE", "CUSTOM", "S3"] as const;

const flag = { enum: ["true", "false", "TRUE", "FALSE", "True", "False"] };
const value = { type: "string", maxLength: 4096 };

/** The port as digits, 1024–65535 (Glue's bounds). */
const PORT =
  "^(?:102[4-9]|10[3-9]\\d|1[1-9]\\d\\d|[2-9]\\d{3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$";

const FLAGS = [
  "JDBC_ENFORCE_SSL",
  "SKIP_CUSTOM_JDBC_CERT_VALIDATION",
  "KAFKA_SSL_ENABLED",
  "KAFKA_SKIP_CUSTOM_CERT_VALIDATION",
  "S3_PATH_STYLE",
  "S3_ANONYMOUS",
  "S3_REQUESTER_PAYS",
] as const;

const VALUES = [
  "HOST",
  "USERNAME",
  "PASSWORD",
  "ENCRYPTED_PASSWORD",
  "JDBC_DRIVER_JAR_URI",
  "JDBC_DRIVER_CLASS_NAME",
  "JDBC_ENGINE",
  "JDBC_ENGINE_VERSION",
  "CONFIG_FILES",
  "INSTANCE_ID",
  "JDBC_CONNECTION_URL",
  "CUSTOM_JDBC_CERT",
  "CUSTOM_JDBC_CERT_STRING",
  "CONNECTION_URL",
  "KAFKA_BOOTSTRAP_SERVERS",
  "KAFKA_CUSTOM_CERT",
  "KAFKA_CLIENT_KEYSTORE",
  "KAFKA_CLIENT_KEYSTORE_PASSWORD",
  "KAFKA_CLIENT_KEY_PASSWORD",
  "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD",
  "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
  "KAFKA_SASL_MECHANISM",
  "KAFKA_SASL_SCRAM_USERNAME",
  "KAFKA_SASL_SCRAM_PASSWORD",
  "KAFKA_SASL_SCRAM_SECRETS_ARN",
  "ENCRYPTED_KAFKA_SASL_SCRAM_PASSWORD",
  "SECRET_ID",
  "CONNECTOR_URL",
  "CONNECTOR_TYPE",
  "CONNECTOR_CLASS_NAME",
  "S3_ENDPOINT",
  "S3_REGION",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
  "S3_SESSION_TOKEN",
] as const;

export const CONNECTION_PROPERTY_KEYS: readonly string[] = [...VALUES, ...FLAGS, "PORT"];

const needs = (type: string, ...alternatives: readonly (readonly string[])[]): object => ({
  if: { properties: { ConnectionType: { const: type } }, required: ["ConnectionType"] },
  then: { properties: { ConnectionProperties: { anyOf: alternatives.map((required) => ({ required })) } } },
});

export const CONNECTION_SCHEMA = {
  type: "object",
  required: ["Name", "ConnectionType", "ConnectionProperties"],
  additionalProperties: false,
  properties: {
    Name: {
      type: "string",
      minLength: 1,
      maxLength: 255,
      pattern: "^[\\u0020-\\uD7FF\\uE000-\\uFFFD\\t\\u{10000}-\\u{10FFFF}]*$",
    },
    Description: { type: "string", maxLength: 2048 },
    ConnectionType: { enum: CONNECTION_TYPES },
    MatchCriteria: { type: "array", maxItems: 10, items: { type: "string", minLength: 1, maxLength: 255 } },
    ConnectionProperties: {
      type: "object",
      maxProperties: 100,
      additionalProperties: false,
      properties: {
        ...Object.fromEntries(VALUES.map((key) => [key, value])),
        ...Object.fromEntries(FLAGS.map((key) => [key, flag])),
        PORT: { type: "string", pattern: PORT },
      },
    },
    PhysicalConnectionRequirements: {
      type: "object",
      additionalProperties: false,
      properties: {
        SubnetId: { type: "string", maxLength: 255 },
        AvailabilityZone: { type: "string", maxLength: 255 },
        SecurityGroupIdList: { type: "array", maxItems: 50, items: { type: "string", maxLength: 255 } },
      },
    },
  },
  allOf: [
    needs("JDBC", ["JDBC_CONNECTION_URL"], ["HOST"]),
    needs("MONGODB", ["CONNECTION_URL"], ["HOST"]),
    needs("KAFKA", ["KAFKA_BOOTSTRAP_SERVERS"]),
  ],
} as const;
