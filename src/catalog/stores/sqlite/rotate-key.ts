/** Another key for a catalog's secrets. */
import { dirname } from "node:path";
import type { KeyRotation } from "../../index.js";
import { resealConnections } from "./connections.js";
import { loadKeys, newKey, writeKeys } from "./key-file.js";
import type { Session } from "./session.js";

/**
 * With the key in the file: makes a new one. With DYNAFRAME_KEY, which holds the new key before the old one: moves to
 * the new one. At each moment, also after a crash at any of them, the key file opens every secret: it holds the new key
 * and the old one while secrets change, and the old one goes once the change is durable. Writers wait meanwhile, so
 * none seals with a key that is going.
 * @throws SECRET_KEY_MISSING, SECRET_KEY_MISMATCH, SECRET_UNREADABLE; then nothing has changed.
 */
export async function rotateKey(session: Session, environment: string | undefined): Promise<KeyRotation> {
  const folder = dirname(session.file);
  const isFile = environment === undefined || environment === "";
  const { keys, ...changed } = await session.write(() => {
    const before = loadKeys(folder, true, environment);
    const all = isFile ? writeKeys(folder, [newKey(), ...before.map(({ bytes }) => bytes)]) : before;
    return { keys: all, ...resealConnections(session, all) };
  });
  // another rotation may have come in between: then it is that one which drops the keys before its own
  if (isFile)
    await session.write(() =>
      loadKeys(folder, false, environment)[0].id === keys[0].id ? writeKeys(folder, [keys[0].bytes]) : keys,
    );
  return { ...changed, key: keys[0].id };
}
