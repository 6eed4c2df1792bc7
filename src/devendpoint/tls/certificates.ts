/** Certificates of those who may enter an endpoint by TLS: issued, listed and revoked in its record. */
import type { EntityStore } from "../../catalog/entity.js";
import { DynaframeError } from "../../types/error.js";
import { changeEndpoint, type EndpointCertificate, getEndpoint } from "../endpoint-record.js";
import { endpointAuthority } from "./authority.js";

/** Expired ones make room. */
const MAX_CERTIFICATES = 100;

export type IssuedCertificate = EndpointCertificate & {
  /** PEM: key, certificate and the authority by which the endpoint is known. The key is kept nowhere else. */
  readonly bundle: string;
};

/** @throws EntityNotFoundException, BAD_OPTION for too many certificates or a name that is none. */
export async function issueEndpointCertificate(
  store: EntityStore,
  folder: string,
  endpoint: string,
  request: { readonly name: string; readonly days: number; readonly now: number },
): Promise<IssuedCertificate> {
  const { name, days, now } = request;
  if (!/^[\w.@ -]{1,64}$/.test(name))
    throw new DynaframeError(
      "BAD_OPTION",
      "A certificate is for a name of letters, digits, blanks and . _ @ -, at most 64 of them",
      { path: "name", found: name },
    );
  await getEndpoint(store, endpoint, now);
  const authority = await endpointAuthority(folder, endpoint);
  const { key, certificate, serial } = authority.issue({ name, use: "client", from: new Date(now), days });
  const entry: EndpointCertificate = { serial, name, until: now + days * 86_400_000 };
  await changeEndpoint(store, endpoint, ({ certificates = [], ...rest }) => {
    const kept = certificates.filter(({ until }) => until > now);
    if (kept.length >= MAX_CERTIFICATES) {
      throw new DynaframeError("BAD_OPTION", `The endpoint ${endpoint} has ${MAX_CERTIFICATES} certificates`, {
        path: "certificates",
        hint: "let some expire, or issue shorter ones",
      });
    }
    return { ...rest, certificates: [...kept, entry] };
  });
  return { ...entry, bundle: `${key}${certificate}${authority.certificate}` };
}

/**
 * By serial, or all of a name's; returns what was revoked. A host that runs ends their sessions at its next look.
 * @throws EntityNotFoundException, also for a certificate that is not there.
 */
export async function revokeCertificates(
  store: EntityStore,
  endpoint: string,
  which: string,
): Promise<readonly EndpointCertificate[]> {
  const isMeant = ({ serial, name }: EndpointCertificate): boolean => serial === which.toLowerCase() || name === which;
  const { certificates = [] } = await changeEndpoint(store, endpoint, (record) => {
    const { certificates: all = [] } = record;
    if (!all.some(isMeant)) {
      throw new DynaframeError("ENTITY_NOT_FOUND", `The endpoint ${endpoint} issued no certificate ${which}`, {
        name: "EntityNotFoundException",
        path: which,
        hint: `dynaframe dev-endpoint certificate ${endpoint} lists them`,
      });
    }
    return { ...record, certificates: all.map((each) => (isMeant(each) ? { ...each, isRevoked: true } : each)) };
  });
  return certificates.filter(isMeant);
}
