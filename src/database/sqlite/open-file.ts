import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { DatabaseAddress } from "../address.js";
import { connectionFailed } from "../failure.js";

/**
 * Opens the file; for writing one that is not there is made. Waits up to 10 s for other writers.
 * @throws CONNECTION_FAILED
 */
export async function openFile(address: DatabaseAddress, purpose: "read" | "write"): Promise<DatabaseSyncInstance> {
  const { DatabaseSync } = await import("@photostructure/sqlite");
  const file = resolve(address.database);
  try {
    if (purpose === "read" && !existsSync(file)) throw new Error("there is no such file");
    return new DatabaseSync(file, { timeout: Math.min(10_000, address.connectTimeout), readOnly: purpose === "read" });
  } catch (error) {
    throw connectionFailed(address, error);
  }
}
