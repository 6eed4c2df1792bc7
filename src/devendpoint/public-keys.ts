/** Public keys of those who may enter a development endpoint. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ParsedKey } from "ssh2";
import { DynaframeError } from "../types/error.js";
import { loadSsh } from "./load-ssh.js";

/** As Glue has it (AWS Glue API, CreateDevEndpoint, PublicKeys). */
const MAX_PUBLIC_KEYS = 5;

/** Signatures of these are by SHA-1 or on curves that OpenSSH gave up. */
const REFUSED: ReadonlySet<string> = new Set(["ssh-dss"]);

/** @throws BAD_PUBLIC_KEY for one that is none, that is a private key, or too many. */
export async function checkPublicKeys(lines: readonly string[]): Promise<void> {
  if (lines.length === 0 || lines.length > MAX_PUBLIC_KEYS) {
    throw new DynaframeError("BAD_PUBLIC_KEY", `An endpoint takes 1 to ${MAX_PUBLIC_KEYS} public keys`, {
      expected: `1 to ${MAX_PUBLIC_KEYS}`,
      found: String(lines.length),
    });
  }
  for (const line of lines) await parsePublicKey(line);
}

/** One line of an authorized_keys file. @throws BAD_PUBLIC_KEY; its message never holds the text. */
async function parsePublicKey(line: string): Promise<ParsedKey> {
  const { utils } = await loadSsh();
  const parsed = utils.parseKey(line.trim());
  const [key] = parsed instanceof Error ? [] : Array.isArray(parsed) ? parsed : [parsed];
  if (key === undefined || REFUSED.has(key.type)) throw badKey("the text is no public key of OpenSSH");
  if (key.isPrivateKey()) throw badKey("the text is a private key: keep it, and give the .pub file beside it");
  return key;
}

/** Those that are keys: a line that is none opens nothing. */
export async function usableKeys(lines: readonly string[]): Promise<readonly ParsedKey[]> {
  return (
    await Promise.all(
      lines.map((line) =>
        parsePublicKey(line).then(
          (key) => [key],
          () => [],
        ),
      ),
    )
  ).flat();
}

/** As `ssh-keygen -l` prints it. */
export const fingerprint = (key: ParsedKey): string =>
  `SHA256:${createHash("sha256").update(key.getPublicSSH()).digest("base64").replace(/=+$/, "")}`;

/** True for the same key; takes the same time whatever differs. */
export function isSameKey(key: ParsedKey, offered: Uint8Array): boolean {
  const known = key.getPublicSSH();
  return known.length === offered.length && timingSafeEqual(known, offered);
}

const badKey = (reason: string): DynaframeError =>
  new DynaframeError("BAD_PUBLIC_KEY", `A public key cannot be used: ${reason}`, {
    path: "publicKeys",
    expected: "a line such as ssh-ed25519 AAAA… name",
    hint: "make a pair with: ssh-keygen -t ed25519",
  });
