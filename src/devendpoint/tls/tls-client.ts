/** Enters an endpoint by TLS from this process. */
import { connect, type TLSSocket } from "node:tls";
import { DynaframeError } from "../../types/error.js";

/**
 * `bundle` is what `issueEndpointCertificate` gave.
 * @throws ENDPOINT_REFUSED when the endpoint does not know or no longer wants the certificate, or is another.
 */
export function enterByTls(port: number, bundle: string): Promise<TLSSocket> {
  const blocks = bundle.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n?/g) ?? [];
  const [key, cert, ca] = blocks;
  if (key === undefined || cert === undefined || ca === undefined)
    throw refused("The file holds no key, certificate and authority", undefined);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", key, cert, ca, minVersion: "TLSv1.2" });
    socket.once("secureConnect", () => {
      resolve(socket);
    });
    socket.on("error", (cause) => {
      reject(refused(`The endpoint was not entered: ${(cause as NodeJS.ErrnoException).code ?? cause.message}`, cause));
    });
  });
}

const refused = (message: string, cause: unknown): DynaframeError =>
  new DynaframeError("ENDPOINT_REFUSED", message, {
    cause,
    hint: "use the file that dynaframe dev-endpoint certificate wrote for this endpoint",
  });
