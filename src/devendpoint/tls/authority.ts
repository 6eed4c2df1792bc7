/** The authority of one endpoint: it alone signs who may come by TLS, and the endpoint's own certificate. */
import { createPrivateKey } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../storage/file-error.js";
import { issueCertificate, type KeyAndCertificate } from "./issue-certificate.js";

export type Authority = {
  /** PEM; clients know the endpoint by it. */
  readonly certificate: string;
  issue(request: {
    readonly name: string;
    readonly use: "server" | "client";
    readonly from: Date;
    readonly days: number;
  }): KeyAndCertificate;
};

const MS_PER_DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;

/** Made in the endpoint's folder when it is first asked for; its key has mode 0600. */
export async function endpointAuthority(folder: string, endpoint: string): Promise<Authority> {
  const name = `dynaframe endpoint ${endpoint}`;
  const { key, certificate } = (await stored(folder)) ?? (await made(folder, name));
  const issuer = { name, key: createPrivateKey(key) };
  return {
    certificate,
    issue: ({ days, from, ...request }) =>
      issueCertificate({ ...request, from, until: new Date(from.getTime() + days * MS_PER_DAY) }, issuer),
  };
}

const file = (folder: string): string => join(folder, "authority.pem");

async function made(folder: string, name: string): Promise<{ readonly key: string; readonly certificate: string }> {
  const from = new Date();
  const { key, certificate } = issueCertificate({
    name,
    use: "authority",
    from,
    until: new Date(from.getTime() + AUTHORITY_DAYS * MS_PER_DAY),
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFile(file(folder), `${key}${certificate}`, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error; // another process was quicker
  }
  return (await stored(folder)) ?? { key, certificate };
}

async function stored(folder: string): Promise<{ readonly key: string; readonly certificate: string } | undefined> {
  const text = await readFile(file(folder), "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  const at = text?.indexOf("-----BEGIN CERTIFICATE-----") ?? -1;
  return text === undefined || at < 0 ? undefined : { key: text.slice(0, at), certificate: text.slice(at) };
}
