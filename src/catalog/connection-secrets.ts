/** Secrets of connections: which properties they are, sealed at rest with AES-256-GCM, left out or masked in prints. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { encryptionError } from "./catalog-errors.js";
import type { Connection, ConnectionInput, Parameters } from "./model.js";

/**
 * The key to seal with comes first; the others are of a rotation that is under way, or were given to open what they
 * sealed.
 */
export type KeyRing = readonly [SecretKey, ...SecretKey[]];

/** 32 bytes and a short name for them, which tells keys apart and gives nothing away. */
export type SecretKey = { readonly id: string; readonly bytes: Uint8Array };

/** A sealed value as stored: key id, nonce, tag and cipher text, base64. */
export type SealedValue = { readonly key: string; readonly sealed: string };

export const MASK = "********";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function secretKey(bytes: Uint8Array): SecretKey {
  return { id: createHash("sha256").update("dynaframe key id").update(bytes).digest("hex").slice(0, 12), bytes };
}

/** Whether a property is secret by its name: PASSWORD and everything like it. `SECRET_ID` only names one. */
export function isSecretProperty(name: string): boolean {
  return (
    /(^|_)(PASSWORD|SECRET|TOKEN|PASSPHRASE|PRIVATE_KEY|SECRET_ACCESS_KEY|API_KEY|CREDENTIALS)$/i.test(name)
    || /^ENCRYPTED_/i.test(name)
  );
}

/** Whether an address carries a password: `//user:pw@host`, `?password=pw`, `user/pw@`. */
export const holdsPassword = (value: string): boolean => maskPasswords(value) !== value;

/** The address with the password in it masked. */
function maskPasswords(value: string): string {
  return value
    .replace(/(\/\/[^/?#\s:@]*):[^/?#\s]*@/g, `$1:${MASK}@`)
    .replace(/((?:password|passwd|pwd|secret|token|passphrase|accesskey|secretkey)\s*=\s*)[^;&,)\s]*/gi, `$1${MASK}`)
    .replace(/^(jdbc:oracle:[a-z]+:[^/@\s]+)\/[^@]*@/i, `$1/${MASK}@`);
}

export function sealValue(key: SecretKey, connection: string, property: string, value: string): SealedValue {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce);
  // a sealed value moved to another connection or property does not open
  cipher.setAAD(associated(connection, property));
  const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return { key: key.id, sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64") };
}

/**
 * @throws SECRET_KEY_MISMATCH under another key, SECRET_UNREADABLE when the stored bytes were changed. Neither carries
 * a secret.
 */
export function openValue(keys: KeyRing, connection: string, property: string, value: SealedValue): string {
  const path = `${connection}.${property}`;
  const key = keys.find(({ id }) => id === value.key);
  if (key === undefined) {
    throw encryptionError(
      "SECRET_KEY_MISMATCH",
      `The secrets of connection ${connection} were encrypted with another key`,
      {
        path,
        expected: `key ${value.key}`,
        found: `key ${keys.map(({ id }) => id).join(", ")}`,
        hint: "restore the catalog's key file, or set DYNAFRAME_KEY to the key they were written with",
      },
    );
  }
  try {
    const bytes = Buffer.from(value.sealed, "base64");
    const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associated(connection, property));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
  } catch {
    throw encryptionError("SECRET_UNREADABLE", `A secret of connection ${connection} cannot be decrypted`, {
      path,
      hint: "enter the connection's secrets again",
    });
  }
}

const associated = (connection: string, property: string): Uint8Array =>
  Buffer.from(JSON.stringify([connection, property]), "utf8");

/** A connection fit for printing: secrets masked, also inside addresses. */
export function redactConnection<C extends ConnectionInput | Connection>(connection: C): C {
  return {
    ...connection,
    ConnectionProperties: mapProperties(connection.ConnectionProperties, (name, value) =>
      isSecretProperty(name) ? MASK : maskPasswords(value),
    ),
  };
}

/** A connection as `hidePassword` gives it: without its secret properties. */
export function hideSecrets<C extends ConnectionInput | Connection>(connection: C): C {
  return {
    ...connection,
    ConnectionProperties: mapProperties(connection.ConnectionProperties, (name, value) =>
      isSecretProperty(name) ? undefined : maskPasswords(value),
    ),
  };
}

function mapProperties(
  properties: Parameters,
  change: (name: string, value: string) => string | undefined,
): Parameters {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => {
      const changed = change(name, value);
      return changed === undefined ? [] : [[name, changed]];
    }),
  );
}
