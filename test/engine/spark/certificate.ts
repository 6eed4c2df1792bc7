/**
 * Certificates for tests of TLS, made on the spot: an authority, and servers that it vouches for. RFC 5280, as little
 * of it as is needed.
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

type Pair = { readonly name: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject };
export type Certified = { readonly cert: string; readonly key: string };

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const text = (value: string): Buffer => der(0x0c, Buffer.from(value));
const nameOf = (name: string): Buffer => sequence(der(0x31, sequence(oid("550403"), text(name))));
const time = (at: Date): Buffer => der(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-:T]|\.\d+/g, "")}`));
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const TRUE = der(0x01, Buffer.from([255]));

const pairOf = (name: string): Pair => ({ name, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) });

function certificate(
  subject: Pair,
  issuer: Pair,
  extensions: readonly Uint8Array[],
  days: readonly [from: number, to: number],
): string {
  const at = (day: number): Date => new Date(Date.now() + day * 86_400_000);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(issuer.name),
    sequence(time(at(days[0])), time(at(days[1]))),
    nameOf(subject.name),
    subject.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signed = sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), sign("sha256", body, issuer.privateKey)));
  return `-----BEGIN CERTIFICATE-----\n${
    signed
      .toString("base64")
      .match(/.{1,64}/g)
      ?.join("\n") ?? ""
  }\n-----END CERTIFICATE-----\n`;
}

/** An authority: its certificate, and what it vouches for. `days`: from when to when, counted from now. */
export function newAuthority(): {
  readonly cert: string;
  readonly certify: (host: string, days?: readonly [from: number, to: number]) => Certified;
} {
  const authority = pairOf("dynaframe test authority");
  return {
    cert: certificate(authority, authority, [sequence(oid("551d13"), TRUE, der(0x04, sequence(TRUE)))], [-1, 10]),
    certify: (host, days = [-1, 10]) => {
      const server = pairOf(host);
      return {
        cert: certificate(
          server,
          authority,
          [sequence(oid("551d11"), der(0x04, sequence(der(0x82, Buffer.from(host)))))],
          days,
        ),
        key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}
