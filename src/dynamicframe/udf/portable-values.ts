/**
 * Plain data with values of records in it, as it goes between processes: what keeps no class there is a list that
 * begins with its kind.
 */
import { DateValue, Decimal, TimestampValue } from "../../types/value.js";

/** What V8 serialises exactly. Functions and symbols, which no record carries, become texts. */
export function portable(value: unknown): unknown {
  if (value instanceof Decimal) return ["decimal", value.unscaled, value.scale];
  if (value instanceof DateValue) return ["date", value.days];
  if (value instanceof TimestampValue) return ["timestamp", value.micros];
  if (Array.isArray(value)) return ["list", value.map(portable)];
  if (value instanceof Map)
    return ["map", [...(value as ReadonlyMap<unknown, unknown>)].map(([key, held]) => [portable(key), portable(held)])];
  if (value instanceof Set) return ["set", [...(value as ReadonlySet<unknown>)].map(portable)];
  if (value instanceof Uint8Array || value instanceof Date) return ["whole", value];
  if (typeof value === "object" && value !== null)
    return ["object", Object.entries(value).map(([key, held]) => [key, portable(held)])];
  return typeof value === "function" || typeof value === "symbol" ? String(value) : value;
}

/** What `portable` was given. */
export function restored(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [kind, first, second] = value as [string, unknown, unknown];
  switch (kind) {
    case "decimal":
      return new Decimal(first as bigint, second as number);
    case "date":
      return new DateValue(first as number);
    case "timestamp":
      return new TimestampValue(first as bigint);
    case "list":
      return (first as unknown[]).map(restored);
    case "map":
      return new Map((first as [unknown, unknown][]).map(([key, held]) => [restored(key), restored(held)]));
    case "set":
      return new Set((first as unknown[]).map(restored));
    case "object":
      return Object.fromEntries((first as [string, unknown][]).map(([key, held]) => [key, restored(held)]));
    default:
      return first;
  }
}
