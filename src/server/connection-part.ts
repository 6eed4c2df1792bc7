/** The part of the server that connects: to databases, with what the connection's secret says. */
import type { ConnectionInput } from "../catalog/index.js";
import { type SecretResolver, withSecret } from "../catalog/secret-resolver.js";
import { connectionAddress } from "../database/catalog-address.js";
import { openDatabase } from "../database/open-database.js";

/** @throws as the database does; UNSUPPORTED_CONNECTION for other types than JDBC. No message carries a secret. */
export function connectionPart(secrets: SecretResolver): (connection: ConnectionInput) => Promise<void> {
  return async (connection) => {
    const database = await openDatabase(connectionAddress(await withSecret(connection, secrets), undefined));
    await database.test();
  };
}
