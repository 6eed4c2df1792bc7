/** Entering an endpoint by TLS: with a certificate of its own authority, and with all that is none. */
import { X509Certificate, createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import { issueEndpointCertificate, revokeCertificates } from "../../src/devendpoint/tls/certificates.js";
import { issueCertificate } from "../../src/devendpoint/tls/issue-certificate.js";
import { enterByTls } from "../../src/devendpoint/tls/tls-client.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";
import { aThousandStrangers, saidByTls, sockets, startHost, type StartedHost } from "./endpoint-clients.js";

let context: TemporaryContext;
let host: StartedHost;
beforeAll(async () => {
  context = await temporaryContext();
  host = await startHost(context, "lab", { names: { answer: 42 } });
});
afterAll(async () => {
  host.stop();
  await host.ended;
  await context.close();
});
const port = (): number => host.host.tlsPort!;

const issue = (name: string, days = 1, now = Date.now()) =>
  issueEndpointCertificate(context.glue.catalog, host.folder, "lab", { name, days, now });
const blocks = (bundle: string): readonly [key: string, cert: string, ca: string] =>
  bundle.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n?/g) as unknown as [string, string, string];

/** What a client with these options gets: what the REPL says to `answer`, or nothing. */
function attempt(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    let out = "";
    const socket = connect({ host: "127.0.0.1", port: port(), rejectUnauthorized: false, ...options }, () => {
      socket.write("answer\n.exit\n");
    });
    socket.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(out);
    });
  });
}

test("a certificate is what it should be, for Node and for OpenSSL", async () => {
  const { bundle, serial } = await issue("alice");
  const [key, cert, ca] = blocks(bundle);
  const certificate = new X509Certificate(cert);
  const authority = new X509Certificate(ca);
  expect([certificate.subject, certificate.issuer, certificate.ca, authority.ca]).toEqual([
    "CN=alice",
    "CN=dynaframe endpoint lab",
    false,
    true,
  ]);
  expect(certificate.serialNumber.toLowerCase()).toBe(serial);
  expect([
    certificate.verify(authority.publicKey),
    certificate.checkIssued(authority),
    certificate.checkPrivateKey(createPrivateKey(key)),
  ]).toEqual([true, true, true]);
  expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(86_000_000);
  if ((process.env["PATH"] ?? "").split(":").some((path) => existsSync(join(path, "openssl")))) {
    writeFileSync(join(host.folder, "a.pem"), cert);
    writeFileSync(join(host.folder, "ca.pem"), ca);
    const { status, stdout } = spawnSync(
      "openssl",
      [
        "verify",
        "-x509_strict",
        "-purpose",
        "sslclient",
        "-CAfile",
        join(host.folder, "ca.pem"),
        join(host.folder, "a.pem"),
      ],
      { encoding: "utf8" },
    );
    expect([status, stdout.trim()]).toEqual([0, `${join(host.folder, "a.pem")}: OK`]);
  }
  // the year 2050 changes how time is written
  const late = issueCertificate({
    name: "late",
    use: "authority",
    from: new Date("2049-12-31T00:00:00Z"),
    until: new Date("2051-06-01T12:34:56Z"),
  });
  expect(new Date(new X509Certificate(late.certificate).validTo).toISOString()).toBe("2051-06-01T12:34:56.000Z");
});

test("who has a certificate gets a REPL, until it is revoked", async () => {
  const { bundle } = await issue("alice");
  expect(await saidByTls(await enterByTls(port(), bundle), "const n: number = answer + 1\nn\n.exit\n")).toBe("43\n");
  const bob = await issue("bob");
  const session = await enterByTls(port(), bob.bundle);
  const gone = once(session, "close");
  expect(await revokeCertificates(context.glue.catalog, "lab", "bob")).toMatchObject([
    { name: "bob", serial: bob.serial, isRevoked: true },
  ]);
  await gone;
  const [key, cert, ca] = blocks(bob.bundle);
  expect(await attempt({ key, cert, ca })).toBe("");
  expect(host.log.map(({ reason }) => reason)).toContain("a certificate that was revoked");
  expect(await saidByTls(await enterByTls(port(), bundle), "answer\n.exit\n")).toBe("42\n");
  await expect(revokeCertificates(context.glue.catalog, "lab", "nobody")).rejects.toMatchObject({
    code: "ENTITY_NOT_FOUND",
  });
});

test("no certificate, one of another authority, one that signed itself, an expired one, the server's own kind: refused and logged", async () => {
  const [, , ca] = blocks((await issue("alice")).bundle);
  const now = Date.now();
  const from = new Date(now - 1000);
  const until = new Date(now + 86_400_000);
  const other = issueCertificate({ name: "dynaframe endpoint lab", use: "authority", from, until });
  const forged = issueCertificate(
    { name: "alice", use: "client", from, until },
    { name: "dynaframe endpoint lab", key: createPrivateKey(other.key) },
  );
  const selfMade = issueCertificate({ name: "alice", use: "client", from, until });
  const [expiredKey, expired] = blocks((await issue("old", 1, now - 3 * 86_400_000)).bundle);
  host.log.length = 0;
  expect(await attempt({ ca })).toBe("");
  expect(await attempt({ ca, key: forged.key, cert: forged.certificate })).toBe("");
  expect(await attempt({ ca, key: selfMade.key, cert: selfMade.certificate })).toBe("");
  expect(await attempt({ ca, key: expiredKey, cert: expired })).toBe("");
  expect(host.log.filter(({ event }) => event === "entered")).toEqual([]);
  expect(host.log.filter(({ event }) => event === "refused").length).toBe(4);
  // and a client knows the endpoint by its authority
  const { bundle } = await issue("alice");
  const [key, cert] = blocks(bundle);
  await expect(enterByTls(port(), `${key}${cert}${other.certificate}`)).rejects.toMatchObject({
    code: "ENDPOINT_REFUSED",
  });
});

test("a thousand attempts without a certificate: refused, logged, none stays", async () => {
  const before = sockets();
  host.log.length = 0;
  await aThousandStrangers(port(), "GET / HTTP/1.1\r\n\r\n", false);
  const refusals = (): number =>
    host.log.filter(({ event, reason }) => event === "refused" && reason?.includes("HTTP_REQUEST")).length;
  while (sockets() > before || refusals() < 1000) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(refusals()).toBe(1000);
  const { bundle } = await issue("alice");
  expect(await saidByTls(await enterByTls(port(), bundle), "answer\n.exit\n")).toBe("42\n");
});
