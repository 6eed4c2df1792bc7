import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../catalog/index.js";
import { serversFolder } from "../../storage/cache-folder.js";
import { endpointFolder } from "../endpoint-process.js";
import type { DevEndpoint } from "../endpoint-record.js";
import { sessionUser } from "../session-user.js";
import { keyGuard, type KeyGuard } from "./key-guard.js";

/** For the inside of an endpoint. @throws KEY_UNPROTECTED, KEY_LINKED, UNSUPPORTED_CATALOG. */
export async function endpointGuard(
  catalog: Pick<Catalog, "address">,
  name: string,
  { isKeyGiven = false }: Pick<DevEndpoint, "isKeyGiven">,
  env: Readonly<Record<string, string | undefined>>,
): Promise<KeyGuard> {
  const own = join(endpointFolder(catalog, name), "inside");
  return keyGuard({
    who: `the endpoint ${name}`,
    folder: join(own, "..", "..", ".."),
    own,
    hidden: await secretPaths(env),
    user: sessionUser(env),
    isKeyGiven,
  });
}

/**
 * Where this process' other secrets lie: not those that code in a session is meant to use, such as `~/.aws`. And the
 * tokens of servers that would read the key outside, such as Spark.
 */
export async function secretPaths({
  DYNAFRAME_SECRETS: secrets = "",
}: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  // nobody's server is in a folder that cannot be made
  await mkdir(serversFolder(), { recursive: true, mode: 0o700 }).catch(() => undefined);
  return [...(secrets === "" ? [] : [secrets]), join(homedir(), ".ssh"), serversFolder()];
}
