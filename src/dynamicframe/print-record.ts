import { Decimal } from "../types/value.js";

/**
 * A record as one line of JSON: bigints and decimals as exact numbers, binary as base64, maps as objects. What `show()`
 * prints.
 */
export function recordJson(record: unknown): string {
  if (typeof record === "bigint") return record.toString();
  if (record instanceof Decimal) return record.toString();
  if (record instanceof Uint8Array) return JSON.stringify(Buffer.from(record).toString("base64"));
  if (record instanceof Map) return recordJson(Object.fromEntries(record as ReadonlyMap<string, unknown>));
  if (Array.isArray(record)) return `[${record.map((item) => recordJson(item ?? null)).join(", ")}]`;
  if (typeof record === "object" && record !== null && !("toJSON" in record)) {
    const fields = Object.entries(record).filter(([, v]) => v !== undefined);
    return `{${fields.map(([k, v]) => `${JSON.stringify(k)}: ${recordJson(v)}`).join(", ")}}`;
  }
  return JSON.stringify(record) ?? "null";
}
