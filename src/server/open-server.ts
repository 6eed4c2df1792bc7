/** The server on a catalog by its address, wired to the parts of dynaframe that do its work. */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { catalogFolder } from "../catalog/catalog-folder.js";
import type { SecretResolver } from "../catalog/secret-resolver.js";
import { startEndpoint } from "../devendpoint/endpoint-process.js";
import { sessionHost } from "../devendpoint/session-host.js";
import { secretPaths } from "../devendpoint/isolation/endpoint-guard.js";
import { keyGuard, type KeyGuard } from "../devendpoint/isolation/key-guard.js";
import { sessionEnvironment, sessionUser } from "../devendpoint/session-user.js";
import { logFolder } from "../job/job-folder.js";
import type { RunJob } from "../job/run/run-job.js";
import { scriptRunner } from "../job/script/run-script.js";
import { defaultSecrets, openCatalog, storageOf } from "../open.js";
import { DynaframeError } from "../types/error.js";
import { layoutProcess } from "../workflow/blueprint/layout-process.js";
import { connectionPart } from "./connection-part.js";
import { crawlPart } from "./crawl-part.js";
import { endLostRuns } from "./end-lost-runs.js";
import { statisticsPart } from "./statistics-part.js";
import { startGlueServer } from "./http-server.js";
import { qualityPart } from "./quality/quality-part.js";
import type { NestedStores } from "./nested-catalogs.js";
import type { GlueServer, ServerOptions } from "./server-options.js";
import type { ServerParts } from "./server-parts.js";

export type OpenServerOptions = Omit<ServerOptions, "open" | "nested" | "reset" | "parts" | "accountId"> & {
  /** Address of the catalog: a folder. With `testing` a folder that holds nothing but what this server writes. */
  readonly catalog: string;
  /** Default 123456789012, as tools expect. */
  readonly accountId?: string;
  /**
   * The file of this package: for scripts of jobs that have it in no node_modules of theirs, and to start endpoints and
   * sessions by its command.
   */
  readonly packageEntry?: string;
  /**
   * Lets the code of sessions and endpoints read the key file of the catalog. Else they do not start where nothing can
   * keep them from it.
   */
  readonly isKeyGiven?: boolean;
  /** Serves `POST /reset`, which gives an empty catalog. */
  readonly testing?: boolean;
  /** Gives what SECRET_ID of a connection stands for; default: the folder that `DYNAFRAME_SECRETS` names. */
  readonly secrets?: SecretResolver;
};

/** @throws as `startGlueServer` and as opening the catalog does. */
export async function openServer({
  catalog,
  testing = false,
  accountId = "123456789012",
  secrets = defaultSecrets(),
  packageEntry,
  isKeyGiven = false,
  ...options
}: OpenServerOptions): Promise<GlueServer> {
  const settings = { accountId, ...(options.clock === undefined ? {} : { clock: options.clock }) };
  let generation = 0;
  const jobPart = (folder: string): RunJob =>
    scriptRunner({
      catalog: folder,
      logFolder: logFolder({ address: folder }),
      ...(packageEntry === undefined ? {} : { packageEntry }),
    });
  const address = (): string => (testing ? join(catalog, String(generation)) : catalog);
  const broker = sessionBroker(options.keys);
  const folder = catalogFolder(catalog);
  const isOwn = folder !== undefined; // runs of another server's catalog are that server's
  const server = await startGlueServer({
    ...options,
    ...(broker.keys === undefined ? {} : { keys: broker.keys }),
    guests: new Set([...(options.guests ?? []), ...broker.guests]),
    accountId,
    ...(isOwn ? { nested: nestedStores(address, settings) } : {}),
    open: async () => {
      const opened = await openCatalog(address(), settings);
      try {
        if (isOwn) await endLostRuns(opened, (options.clock ?? Date.now)() / 1000);
      } catch (error) {
        // one that cannot be written is served as it is
        if (!(error instanceof DynaframeError) || error.code !== "CATALOG_READ_ONLY") {
          await opened.close();
          throw error;
        }
      }
      return opened;
    },
    parts: {
      runCrawler: (crawl, signal) => crawlPart(address(), secrets)(crawl, signal),
      runJob: (request) => jobPart(address())(request),
      ...(packageEntry === undefined ? {} : endpointParts({ packageEntry, testing, broker, isKeyGiven, folder })),
      testConnection: connectionPart(secrets),
      blueprints: { storage: (of) => storageOf(of, secrets), call: layoutProcess(packageEntry) },
      evaluateRules: (request) => qualityPart(address(), secrets)(request),
      analyzeTable: (request) => statisticsPart(address(), secrets)(request),
    },
    ...(testing
      ? {
          reset: () => {
            generation += 1;
            return openCatalog(address(), settings);
          },
        }
      : {}),
  });
  broker.address = server.endpoint;
  return server;
}

/**
 * How sessions reach the catalog: by this server, with a credential of their own, so that they need neither its folder
 * nor its key.
 */
type SessionBroker = {
  address: string;
  readonly keys: ReadonlyMap<string, string> | undefined;
  readonly guests: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

function sessionBroker(keys: ReadonlyMap<string, string> | undefined): SessionBroker {
  if (keys === undefined || keys.size === 0) return { address: "", keys, guests: [], environment: {} };
  const id = `SESSION${randomBytes(8).toString("hex").toUpperCase()}`;
  const secret = randomBytes(30).toString("base64");
  return {
    address: "",
    keys: new Map([...keys, [id, secret]]),
    guests: [id],
    environment: { DYNAFRAME_ACCESS_KEY_ID: id, DYNAFRAME_SECRET_ACCESS_KEY: secret },
  };
}

/** Each in a folder of its own beneath the catalog's. */
function nestedStores(address: () => string, settings: object): NestedStores {
  const folder = (id: string): string => join(catalogFolder(address()) ?? "", "catalogs", id);
  return {
    open: (id, catalogId) => openCatalog(folder(id), { ...settings, accountId: catalogId }),
    remove: (id) => rm(folder(id), { recursive: true, force: true }),
  };
}

type EndpointPartsOptions = {
  readonly packageEntry: string;
  readonly testing: boolean;
  readonly broker: SessionBroker;
  readonly isKeyGiven: boolean;
  readonly folder: string | undefined;
};

/** Processes of development endpoints and sessions are started by the package's command. */
function endpointParts({
  packageEntry,
  testing,
  broker,
  isKeyGiven,
  folder,
}: EndpointPartsOptions): Pick<ServerParts, "startEndpoint" | "sessions" | "isKeyGiven"> {
  const commandFile = join(dirname(packageEntry), "cli", "main.js");
  const user = sessionUser(process.env);
  let guard: Promise<KeyGuard> | undefined;
  const guarding = (): Promise<KeyGuard> => {
    guard ??= secretPaths(process.env).then((hidden) =>
      keyGuard({ who: "a session", folder, own: join(folder ?? ".dynaframe", "sessions"), hidden, user, isKeyGiven }),
    );
    guard.catch(() => {
      guard = undefined;
    }); // what forbids it may go
    return guard;
  };
  return {
    isKeyGiven,
    // an endpoint's process would outlive a catalog that is gone at the end; a session's ends with the server
    ...(testing ? {} : { startEndpoint: (catalog, name) => startEndpoint(commandFile, catalog, name) }),
    sessions: sessionHost({
      command: async () =>
        (await guarding()).guarded({
          words: [process.execPath, commandFile, "--catalog", broker.address, "dev-endpoint", "statements"],
          env: sessionEnvironment(process.env, broker.environment),
        }),
      check: async () => (await guarding()).check(),
    }),
  };
}
