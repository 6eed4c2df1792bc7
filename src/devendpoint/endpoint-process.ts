/** The processes of development endpoints: started beside this one, and reached by the system's ssh. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { catalogFolder } from "../catalog/catalog-folder.js";
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import { changeEndpoint, type DevEndpoint, type EndpointHost, getEndpoint, switchedOff } from "./endpoint-record.js";
import { SSH_USER } from "./ssh-server.js";

const START_MS = 60_000;
const STOP_MS = 30_000;

/**
 * Where an endpoint's host key, history and log lie: in the catalog's folder.
 * @throws UNSUPPORTED_CATALOG for one elsewhere.
 */
export function endpointFolder({ address }: Pick<Catalog, "address">, name: string): string {
  const folder = catalogFolder(address);
  if (folder === undefined)
    throw new DynaframeError("UNSUPPORTED_CATALOG", `The catalog at ${address} has no folder for an endpoint's keys`, {
      found: address,
      hint: "use a catalog in a folder",
    });
  return join(folder, "dev-endpoints", name);
}

/**
 * Starts the endpoint's process by the command's file and waits until it is ready.
 * @throws ENDPOINT_FAILED with the last line that it wrote; ENDPOINT_RUNNING.
 */
export async function startEndpoint(commandFile: string, catalog: Catalog, name: string): Promise<DevEndpoint> {
  const before = await getEndpoint(catalog, name, Date.now());
  if (before.host !== undefined)
    throw new DynaframeError("ENDPOINT_RUNNING", `The endpoint ${name} is running`, {
      path: name,
      hint: "connect to it, or stop it first",
    });
  const folder = endpointFolder(catalog, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await changeEndpoint(catalog, name, () => ({ ...before, status: "PROVISIONING" }));
  const log = await open(join(folder, "log"), "a", 0o600);
  try {
    const child = spawn(process.execPath, [commandFile, "--catalog", catalog.address, "dev-endpoint", "host", name], {
      detached: true,
      stdio: ["ignore", "ignore", log.fd],
    });
    child.unref();
    return await ready(catalog, name, child);
  } catch (error) {
    await changeEndpoint(catalog, name, (endpoint) =>
      endpoint.host === undefined
        ? {
            ...switchedOff(endpoint, "FAILED", Date.now()),
            failureReason: error instanceof Error ? error.message : String(error),
          }
        : endpoint,
    );
    throw error;
  } finally {
    await log.close();
  }
}

async function ready(catalog: Catalog, name: string, child: ChildProcess): Promise<DevEndpoint> {
  const ended = { is: false };
  child.once("exit", () => {
    ended.is = true;
  });
  child.once("error", () => {
    ended.is = true;
  });
  for (const start = Date.now(); Date.now() - start < START_MS; await wait(50)) {
    const endpoint = await getEndpoint(catalog, name, Date.now());
    if (endpoint.host !== undefined) return endpoint;
    if (ended.is) break;
  }
  const file = join(endpointFolder(catalog, name), "log");
  const last = (await readFile(file, "utf8")).trim().split("\n").at(-1) ?? "";
  throw new DynaframeError(
    "ENDPOINT_FAILED",
    `The endpoint ${name} did not start: ${last === "" ? "it wrote nothing" : last}`,
    { path: name, file, hint: "the file tells more" },
  );
}

/** Asks the endpoint to stop, and waits until it has. */
export async function stopEndpoint(catalog: Catalog, name: string): Promise<DevEndpoint> {
  await changeEndpoint(catalog, name, (endpoint) =>
    endpoint.host === undefined ? endpoint : { ...endpoint, status: "STOPPING" },
  );
  for (const start = Date.now(); ; await wait(50)) {
    const endpoint = await getEndpoint(catalog, name, Date.now());
    if (endpoint.host === undefined || Date.now() - start > STOP_MS) return endpoint;
  }
}

/**
 * The words of the ssh command; the endpoint's key is known from the catalog, so that nobody else can stand in for it.
 */
export async function sshCommand(
  catalog: Catalog,
  name: string,
  { host, identity }: { readonly host: EndpointHost; readonly identity?: string },
): Promise<readonly string[]> {
  const known = join(endpointFolder(catalog, name), "known_hosts");
  await writeFile(known, `[127.0.0.1]:${host.port} ${host.hostKey}\n`, { mode: 0o600 });
  return [
    "ssh",
    "-p",
    String(host.port),
    "-o",
    `UserKnownHostsFile=${known}`,
    "-o",
    "StrictHostKeyChecking=yes",
    ...(identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
    `${SSH_USER}@127.0.0.1`,
  ];
}

/** Runs it on this terminal; its exit status. @throws ENDPOINT_UNREACHABLE where there is no ssh. */
export function runSsh(words: readonly string[]): Promise<number> {
  const [program = "ssh", ...args] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    child.once("error", (cause) => {
      reject(
        new DynaframeError("ENDPOINT_UNREACHABLE", "There is no ssh client on this machine", {
          cause,
          hint: `install OpenSSH, or connect from elsewhere: ${words.join(" ")}`,
        }),
      );
    });
    child.once("exit", (status) => {
      resolve(status ?? 1);
    });
  });
}
