/**
 * XXH64 of bytes that come in parts (xxhash_spec.md of Cyan4973/xxHash), with which zstd guards its content. Lanes are
 * halves of 32 bits: bigints of every word would take longer than the unpacking.
 */
import { createStripes } from "./stripes.js";

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const P1_HIGH = 0x9e3779b1;
const P1_LOW = 0x85ebca87;
const P2_HIGH = 0xc2b2ae3d;
const P2_LOW = 0x27d4eb4f;
const STRIPE = 32;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: number): bigint => wrap((value << BigInt(by)) | (value >> BigInt(64 - by)));
const round = (lane: bigint, word: bigint): bigint => wrap(rotate(wrap(lane + word * P2), 31) * P1);

/** The upper half of the product of two numbers of 32 bits. */
function upper(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const low = Math.imul(aLow, bLow);
  const left = Math.imul(aHigh, bLow);
  const right = Math.imul(aLow, bHigh);
  const middle = (low >>> 16) + (left & 0xffff) + (right & 0xffff);
  return (Math.imul(aHigh, bHigh) + (left >>> 16) + (right >>> 16) + (middle >>> 16)) | 0;
}

/** Seed 0. `digest` may be called once. */
export function xxhash64(): { update(bytes: Uint8Array): void; digest(): bigint } {
  // low and high half of each lane
  const lanes = new Int32Array(new BigInt64Array([P1 + P2, P2, 0n, -P1]).buffer);
  const stripe = (view: DataView, at: number): void => {
    for (let lane = 0; lane < 8; lane += 2, at += 8) {
      const low = view.getInt32(at, true);
      const high = view.getInt32(at + 4, true);
      const before = lanes[lane] ?? 0;
      const sumLow = (before + Math.imul(low, P2_LOW)) | 0;
      const carry = sumLow >>> 0 < before >>> 0 ? 1 : 0;
      const sumHigh =
        ((lanes[lane + 1] ?? 0) + upper(low, P2_LOW) + Math.imul(low, P2_HIGH) + Math.imul(high, P2_LOW) + carry) | 0;
      const turnedLow = (sumLow << 31) | (sumHigh >>> 1);
      const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
      lanes[lane] = Math.imul(turnedLow, P1_LOW);
      lanes[lane + 1] = upper(turnedLow, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + Math.imul(turnedHigh, P1_LOW);
    }
  };
  const stripes = createStripes(STRIPE, stripe);
  return {
    update: stripes.update,
    digest() {
      const { rest, held, total } = stripes;
      const [a = 0n, b = 0n, c = 0n, d = 0n] = new BigUint64Array(lanes.buffer);
      let hash = P5;
      if (total >= STRIPE) {
        hash = wrap(rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18));
        for (const lane of [a, b, c, d]) hash = wrap((hash ^ round(0n, lane)) * P1 + P4);
      }
      hash = wrap(hash + BigInt(total));
      const view = new DataView(rest.buffer);
      let at = 0;
      for (; at + 8 <= held; at += 8) hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27) * P1 + P4);
      if (at + 4 <= held) {
        hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(at, true)) * P1), 23) * P2 + P3);
        at += 4;
      }
      for (; at < held; at++) hash = wrap(rotate(hash ^ wrap(BigInt(rest[at] ?? 0) * P5), 11) * P1);
      hash = wrap((hash ^ (hash >> 33n)) * P2);
      hash = wrap((hash ^ (hash >> 29n)) * P3);
      return hash ^ (hash >> 32n);
    },
  };
}
