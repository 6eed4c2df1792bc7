// A lake of many gigabytes, fast: a base of drifting orders, copied with other digits, so that no two days have the
// same bytes.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The orders that other benches read: 24 files, 300 MB. */
export function baseOrders() {
  const folder = join(ROOT, "bench/data/orders-300MB");
  if (existsSync(folder)) return folder;
  const done = spawnSync(
    "node",
    [join(ROOT, "bench/generate-orders.mjs"), "--bytes", "300MB", "--files", "24", "--out", folder],
    { stdio: "inherit" },
  );
  if (done.status !== 0) throw new Error("the orders could not be made");
  return folder;
}

/**
 * Writes `bytes` of NDJSON below `folder` in partitions `day=NNNN` of 300 MB: on even days 24 files, on odd days one.
 * The same seed gives the same bytes. Returns what was written.
 */
export function writeLake(folder, bytes, seed) {
  const base = baseOrders();
  const parts = readdirSync(base)
    .sort()
    .map((name) => {
      const data = readFileSync(join(base, name));
      return { name, data, places: innerDigits(data) };
    });
  let [written, files] = [0, 0];
  for (let day = 0; written < bytes; day++) {
    const place = join(folder, `day=${String(day).padStart(4, "0")}`);
    mkdirSync(place, { recursive: true });
    for (const [n, { name, data, places }] of parts.entries()) {
      otherDigits(data, places, (seed * 1_000_003 + day * 1009 + n) >>> 0);
      writeFileSync(join(place, day % 2 === 0 ? name : "orders.ndjson"), data, { flag: "a" });
      written += data.length;
      files += day % 2 === 0 || n === 0 ? 1 : 0;
      if (written >= bytes) break;
    }
  }
  return { files, bytes: written };
}

/** Every digit behind a digit: with another in its place, lengths, keys and types stay what they are. */
function innerDigits(data) {
  const places = [];
  const isDigit = (byte) => byte >= 48 && byte <= 57;
  for (let i = 1; i < data.length; i++) if (isDigit(data[i]) && isDigit(data[i - 1])) places.push(i);
  return Uint32Array.from(places);
}

function otherDigits(data, places, seed) {
  let state = seed | 1;
  for (let i = 0; i < places.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[places[i]] = 48 + ((state >>> 0) % 10);
  }
}
