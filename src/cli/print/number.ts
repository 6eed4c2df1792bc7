/** Numbers for people. */

/** `1234567` → `1,234,567`. */
export function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** One decimal; a share that is neither nothing nor all never prints as 0.0% or 100.0%. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const share = (100 * part) / whole;
  if (part > 0 && share < 0.1) return "<0.1%";
  if (part < whole && share > 99.9) return ">99.9%";
  return `${share.toFixed(1)}%`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Decimal units: `300000000` → `300.0 MB`. */
export function byteSize(bytes: number): string {
  const level = Math.min(bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return level === 0 ? `${Math.round(bytes)} B` : `${(bytes / 1000 ** level).toFixed(1)} ${UNITS[level] ?? "B"}`;
}

/** `0.42 s`, `12.5 s`, `3:07`, `1:02:30`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `1 file`, `2 files`; `plural` where an s is not enough. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(count)} ${count === 1 ? singular : plural}`;
}

/** A time of the catalog: seconds since the epoch. */
export function clockTime(seconds: number): string {
  return new Date(seconds * 1000)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}
