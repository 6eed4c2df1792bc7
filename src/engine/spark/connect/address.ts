/** Addresses of Spark Connect servers: `sc://host[:port][/;name=value;…]`, as Spark's own clients read them. */
import { DynaframeError } from "../../../types/error.js";

export type ServerAddress = {
  readonly host: string;
  readonly port: number;
  /** TLS; on as soon as a token is given, since a token must not travel in the clear. */
  readonly secure: boolean;
  readonly token?: string;
  readonly userId: string;
  readonly sessionId?: string;
  /** Other parameters go as headers with every call, as the protocol says. */
  readonly headers: ReadonlyMap<string, string>;
};

const DEFAULT_PORT = 15002;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws BAD_OPTION; the message never repeats a token. */
export function parseAddress(text: string): ServerAddress {
  const [, hostPort = "", rest = ""] = /^sc:\/\/([^/;]*)\/?(.*)$/s.exec(text) ?? [];
  const [, bracketed, plain = "", digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(hostPort) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (host === "" || port < 1 || port > 65535) throw badAddress("It has no host, or a port that is none.");
  const parameters = parametersOf(rest);
  const take = (name: string): string | undefined => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value;
  };
  const token = take("token");
  const ssl = take("use_ssl");
  const sessionId = take("session_id");
  const userId = take("user_id");
  if (ssl !== undefined && ssl !== "true" && ssl !== "false") throw badAddress("use_ssl is true or false.");
  if (ssl === "false" && token !== undefined)
    throw badAddress("A token needs use_ssl=true: it must not travel in the clear.");
  if (sessionId !== undefined && !UUID.test(sessionId)) throw badAddress("session_id is a UUID.");
  take("user_agent");
  return {
    host,
    port,
    secure: ssl === "true" || token !== undefined,
    userId: userId ?? process.env["USER"] ?? "dynaframe",
    headers: parameters,
    ...(token === undefined ? {} : { token }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

function parametersOf(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(";").filter((p) => p !== "")) {
    const at = part.indexOf("=");
    if (at < 1) throw badAddress("What follows the first ; is name=value, parted by ;.");
    parameters.set(part.slice(0, at), decodeURIComponent(part.slice(at + 1)));
  }
  return parameters;
}

const badAddress = (why: string): DynaframeError =>
  new DynaframeError("BAD_OPTION", `The engine's address is not understood. ${why}`, {
    path: "engine",
    expected: "sc://host:port",
    hint: "For example sc://localhost:15002 or sc://host:443/;use_ssl=true;token=…",
  });
