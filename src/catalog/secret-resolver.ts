/** Secrets that a connection only names: SECRET_ID and the port that gives what it stands for. */
import { encryptionError } from "./catalog-errors.js";
import { CONNECTION_PROPERTY_KEYS } from "./connection-schema.js";
import type { ConnectionInput, Parameters } from "./model.js";

/**
 * Gives the members of a secret by its SECRET_ID, a name or an ARN. What it gives is never printed or stored.
 * @throws SECRET_NOT_FOUND; its message must not carry a secret.
 */
export type SecretResolver = (secretId: string) => Promise<Parameters>;

/**
 * The members that AWS Secrets Manager's database secrets and Glue's connections have for what a connection calls
 * USERNAME and PASSWORD.
 */
const ALIASES: { readonly [member: string]: string } = { username: "USERNAME", user: "USERNAME", password: "PASSWORD" };

/**
 * The connection with what its SECRET_ID stands for in place: `username` and `password`, and members named as
 * connection properties (S3_SECRET_ACCESS_KEY). They win over the connection's own. Other members of the secret (host,
 * engine …) are not taken, as in Glue. Without SECRET_ID it is unchanged.
 */
export async function withSecret<C extends ConnectionInput>(connection: C, resolve: SecretResolver): Promise<C> {
  const { SECRET_ID: id } = connection.ConnectionProperties;
  if (id === undefined || id === "") return connection;
  const secret = Object.entries(await resolve(id)).flatMap(([member, value]) => {
    const property = ALIASES[member.toLowerCase()] ?? member;
    return CONNECTION_PROPERTY_KEYS.includes(property) && property !== "SECRET_ID" ? [[property, value] as const] : [];
  });
  if (secret.length === 0) {
    throw encryptionError(
      "SECRET_NOT_FOUND",
      `The secret of connection ${connection.Name} has neither username nor password`,
      {
        path: `${connection.Name}.SECRET_ID`,
        expected: "username, password or names of connection properties",
        hint: "put them into the secret, or take SECRET_ID from the connection",
      },
    );
  }
  return { ...connection, ConnectionProperties: { ...connection.ConnectionProperties, ...Object.fromEntries(secret) } };
}
