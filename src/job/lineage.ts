/**
 * OpenLineage events of runs: what was read, what was written, how it ended. Specification: openlineage.io/spec/2-0-2.
 */
import { createHash } from "node:crypto";
import { appendFile } from "node:fs/promises";
import type { RunAccount } from "./account.js";

export type LineageInput = { readonly source: string; readonly files: number; readonly bytes: number };
export type LineageOutput = {
  readonly target: string;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
};

export type LineageRun = {
  readonly job: string;
  readonly runId: string;
  /** Address of the catalog: the namespace of its tables. */
  readonly catalog: string;
  /** Of jobs; default `OPENLINEAGE_NAMESPACE`, else "default". */
  readonly namespace: string;
};
export type LineageEnd = {
  readonly inputs: readonly LineageInput[];
  readonly outputs: readonly LineageOutput[];
  readonly account?: RunAccount;
};

const PRODUCER = "https://www.npmjs.com/package/dynaframe";
const SPEC = "https://openlineage.io/spec";
const LONGEST_WAIT_MS = 5_000;

/** Takes events; never rejects. */
export type LineageSink = (event: object) => Promise<void>;

/**
 * The sink that `DYNAFRAME_OPENLINEAGE` names: a file, which gets a line of JSON for each event, or the `http:` address
 * of a lineage endpoint, with `OPENLINEAGE_API_KEY` as its bearer token. Undefined when it names none. An event that
 * cannot be delivered is a warning, never a failed job.
 */
export function lineageSink(env: NodeJS.ProcessEnv, warn: (message: string) => void): LineageSink | undefined {
  const to = env["DYNAFRAME_OPENLINEAGE"];
  if (to === undefined || to === "") return undefined;
  const key = env["OPENLINEAGE_API_KEY"];
  return async (event) => {
    try {
      if (!/^https?:/i.test(to)) return await appendFile(to, `${JSON.stringify(event)}\n`);
      const answer = await fetch(to, {
        method: "POST",
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
        headers: {
          "content-type": "application/json",
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
      });
      if (!answer.ok) warn(`The lineage endpoint answered ${answer.status}; the event is lost.`);
    } catch (error) {
      warn(`A lineage event could not be delivered: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

export const jobNamespace = (env: NodeJS.ProcessEnv): string => env["OPENLINEAGE_NAMESPACE"] ?? "default";

export function lineageEvent(
  type: "START" | "COMPLETE" | "ABORT",
  { job, runId, catalog, namespace }: LineageRun,
  at: Date,
  end: LineageEnd = { inputs: [], outputs: [] },
): object {
  const { inputs, outputs, account } = end;
  return {
    eventType: type,
    eventTime: at.toISOString(),
    producer: PRODUCER,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: {
      runId: uuidOf(runId),
      facets:
        account === undefined ? {} : { dynaframe_account: { ...facet(`${PRODUCER}#account`), ...account, runId } },
    },
    job: {
      namespace,
      name: job,
      facets: {
        jobType: {
          ...facet(`${SPEC}/facets/2-0-3/JobTypeJobFacet.json`),
          processingType: "BATCH",
          integration: "DYNAFRAME",
          jobType: "JOB",
        },
      },
    },
    inputs: inputs.map(({ source, files, bytes }) => ({
      ...dataset(source, catalog),
      inputFacets: {
        inputStatistics: {
          ...facet(`${SPEC}/facets/1-0-0/InputStatisticsInputDatasetFacet.json`),
          fileCount: files,
          size: bytes,
        },
      },
    })),
    outputs: outputs.map(({ target, rows, files, bytes }) => ({
      ...dataset(target, catalog),
      outputFacets: {
        outputStatistics: {
          ...facet(`${SPEC}/facets/1-0-2/OutputStatisticsOutputDatasetFacet.json`),
          rowCount: rows,
          fileCount: files,
          size: bytes,
        },
      },
    })),
  };
}

const facet = (schema: string): object => ({ _producer: PRODUCER, _schemaURL: schema });

/** Names as openlineage.io/docs/spec/naming has them; a name without a path is a table of the catalog. */
function dataset(address: string, catalog: string): { readonly namespace: string; readonly name: string } {
  const s3 = /^s3[an]?:\/\/(?:[^@/]+@)?([^/]+)\/?(.*)$/i.exec(address);
  if (s3) return { namespace: `s3://${s3[1] ?? ""}`, name: s3[2] || "/" };
  return /[/\\]/.test(address)
    ? { namespace: "file", name: address.replace(/^file:\/\//, "") }
    : { namespace: catalog, name: address };
}

/** A run's id is a UUID there: our own without their dashes, of others a digest. */
function uuidOf(runId: string): string {
  const hex = /^jr_([0-9a-f]{32})$/.exec(runId)?.[1] ?? createHash("sha256").update(runId).digest("hex").slice(0, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
