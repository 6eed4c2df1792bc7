/** Connections of type S3: how a bucket is reached, kept in the catalog with its keys sealed. */
import type { S3Settings } from "../storage/s3/settings.js";
import { DynaframeError } from "../types/error.js";
import type { Catalog, Connection } from "./index.js";
import { type SecretResolver, withSecret } from "./secret-resolver.js";

/** @throws ENTITY_NOT_FOUND, UNSUPPORTED_CONNECTION for one of another type, SECRET_NOT_FOUND. */
export async function s3ConnectionSettings(
  catalog: Catalog,
  name: string,
  secrets: SecretResolver,
): Promise<S3Settings> {
  return s3SettingsOf(await withSecret(await catalog.getConnection(name), secrets));
}

function s3SettingsOf({ Name, ConnectionType, ConnectionProperties: properties }: Connection): S3Settings {
  if (ConnectionType !== "S3") {
    throw new DynaframeError(
      "UNSUPPORTED_CONNECTION",
      `Connection ${Name} is of type ${ConnectionType}; an s3:// address needs one of type S3.`,
      {
        path: Name,
        expected: "S3",
        found: ConnectionType,
        hint: "Name another connection, or leave it out for the settings of the context.",
      },
    );
  }
  const text = (key: string): string | undefined => properties[key] || undefined;
  const flag = (key: string): boolean | undefined =>
    text(key) === undefined ? undefined : properties[key]?.toLowerCase() === "true";
  const found = {
    endpoint: text("S3_ENDPOINT"),
    region: text("S3_REGION"),
    forcePathStyle: flag("S3_PATH_STYLE"),
    anonymous: flag("S3_ANONYMOUS"),
    requesterPays: flag("S3_REQUESTER_PAYS"),
    accessKeyId: text("S3_ACCESS_KEY_ID"),
    secretAccessKey: text("S3_SECRET_ACCESS_KEY"),
    sessionToken: text("S3_SESSION_TOKEN"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
