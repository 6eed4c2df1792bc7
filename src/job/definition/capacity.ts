/** What a job's workers mean on one machine: limits, and the units that are billed. */
import type { JobSettings } from "./job-record.js";

/** DPUs of one worker (AWS Glue developer guide, "Worker types"). One DPU is 4 vCPUs and 16 GB. */
const WORKER_DPUS: Readonly<Record<string, number>> = {
  "Standard": 1,
  "G.025X": 0.25,
  "G.1X": 1,
  "G.2X": 2,
  "G.4X": 4,
  "G.8X": 8,
  "G.12X": 12,
  "G.16X": 16,
  "Z.2X": 2,
};
const CPUS_PER_DPU = 4;
const BYTES_PER_DPU = 16 * 2 ** 30;

/** DPUs that the definition asks for; undefined when it names none. */
function definedDpus({ MaxCapacity, NumberOfWorkers, WorkerType }: JobSettings): number | undefined {
  if (MaxCapacity !== undefined) return MaxCapacity;
  if (NumberOfWorkers === undefined && WorkerType === undefined) return undefined;
  return (NumberOfWorkers ?? 1) * (WORKER_DPUS[WorkerType ?? "Standard"] ?? 1);
}

/**
 * What a run is counted with: the definition's DPUs, else the one that a process of this machine stands for
 * (decision 0102).
 */
export const billedDpus = (settings: JobSettings): number => definedDpus(settings) ?? 1;

export type RunLimits = {
  /** Bytes of all processes of the run together. */ readonly memory?: number;
  readonly threads?: number;
};

/**
 * The limits of a run: those of its workers, and below them `--dynaframe-memory-limit` and `--dynaframe-threads` of its
 * arguments.
 */
export function runLimits(settings: JobSettings, args: { readonly [name: string]: string }): RunLimits {
  const dpus = definedDpus(settings);
  const memory =
    parseBytes(args["--dynaframe-memory-limit"]) ?? (dpus === undefined ? undefined : dpus * BYTES_PER_DPU);
  const threads =
    positive(args["--dynaframe-threads"])
    ?? (dpus === undefined ? undefined : Math.max(1, Math.floor(dpus * CPUS_PER_DPU)));
  return { ...(memory === undefined ? {} : { memory }), ...(threads === undefined ? {} : { threads }) };
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** `512MB`, `2 GiB`, `1000000`; undefined for what is none. */
function parseBytes(text: string | undefined): number | undefined {
  const [, number = "", unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text ?? "") ?? [];
  const factor = UNITS[unit.toUpperCase()];
  return number === "" || factor === undefined ? undefined : Math.floor(Number(number) * factor);
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
