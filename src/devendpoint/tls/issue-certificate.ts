/**
 * X.509 certificates (RFC 5280) on P-256, signed with ECDSA and SHA-256. Node verifies certificates, but issues none.
 */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { bits, boolean, type Der, integer, octets, oid, sequence, set, tagged, time, utf8 } from "./der.js";

export type CertificateUse = "authority" | "server" | "client";
/** PEM texts. */
export type KeyAndCertificate = {
  readonly key: string;
  readonly certificate: string;
  /** Hex. */ readonly serial: string;
};
export type Issuer = { readonly name: string; readonly key: KeyObject };

export type CertificateRequest = {
  readonly name: string;
  readonly use: CertificateUse;
  readonly from: Date;
  readonly until: Date;
};

const ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
/** Clocks may be off by so much. */
const SKEW_MS = 5 * 60_000;

/** A new key with its certificate; without an issuer it signs itself. */
export function issueCertificate({ name, use, from, until }: CertificateRequest, issuer?: Issuer): KeyAndCertificate {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const serial = Buffer.concat([Buffer.from([0x4a]), randomBytes(15)]);
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    nameOf(issuer?.name ?? name),
    sequence(time(new Date(from.getTime() - SKEW_MS)), time(until)),
    nameOf(name),
    pair.publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...extensionsOf(use), ...keyIdentifiers(pair.publicKey, issuer))),
  );
  const certificate = sequence(body, ECDSA_SHA256, bits(sign("sha256", body, issuer?.key ?? pair.privateKey)));
  return {
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: pem(certificate),
    serial: serial.toString("hex"),
  };
}

const nameOf = (name: string): Der => sequence(set(sequence(oid("2.5.4.3"), utf8(name))));

function extensionsOf(use: CertificateUse): readonly Der[] {
  const isAuthority = use === "authority";
  const basic = extension("2.5.29.19", sequence(...(isAuthority ? [boolean(true)] : [])), true);
  // keyCertSign and cRLSign, or digitalSignature
  const usage = extension("2.5.29.15", isAuthority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0x80]), 7), true);
  if (isAuthority) return [basic, usage];
  const purpose = extension("2.5.29.37", sequence(oid(use === "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")));
  const hosts = extension(
    "2.5.29.17",
    sequence(tagged(2, Buffer.from("localhost"), true), tagged(7, Buffer.from([127, 0, 0, 1]), true)),
  );
  return use === "server" ? [basic, usage, purpose, hosts] : [basic, usage, purpose];
}

/** By which a chain is put together: of the key itself, and of the one that signed. */
function keyIdentifiers(key: KeyObject, issuer: Issuer | undefined): readonly Der[] {
  const own = extension("2.5.29.14", octets(keyIdentifier(key)));
  return issuer === undefined
    ? [own]
    : [own, extension("2.5.29.35", sequence(tagged(0, keyIdentifier(createPublicKey(issuer.key)), true)))];
}

const keyIdentifier = (key: KeyObject): Buffer =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);

const extension = (id: string, value: Der, isCritical = false): Der =>
  sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(value));

const pem = (certificate: Der): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
