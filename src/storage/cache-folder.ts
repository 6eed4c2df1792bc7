import { homedir } from "node:os";
import { join } from "node:path";

/** What can be fetched again, and what processes of this user share. */
export const cacheFolder = (): string => join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dynaframe");

/** Where servers that run for this user are found, with what lets one in; `DYNAFRAME_SERVERS` names another folder. */
export const serversFolder = (): string => process.env["DYNAFRAME_SERVERS"] ?? join(cacheFolder(), "servers");
