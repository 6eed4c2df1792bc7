/** XXH32 of bytes that come in parts (xxhash_spec.md of Cyan4973/xxHash), with which LZ4 guards its content. */
import { createStripes } from "./stripes.js";

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const STRIPE = 16;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** Seed 0. `digest` may be called once. */
export function xxhash32(): { update(bytes: Uint8Array): void; digest(): number } {
  const lanes = Int32Array.of(P1 + P2, P2, 0, -P1);
  const stripe = (view: DataView, at: number): void => {
    for (let lane = 0; lane < 4; lane++)
      lanes[lane] = Math.imul(rotate((lanes[lane] ?? 0) + Math.imul(view.getUint32(at + 4 * lane, true), P2), 13), P1);
  };
  const stripes = createStripes(STRIPE, stripe);
  return {
    update: stripes.update,
    digest() {
      const { rest, held, total } = stripes;
      const [a = 0, b = 0, c = 0, d = 0] = lanes;
      let hash = (total >= STRIPE ? rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18) : P5) + total;
      const view = new DataView(rest.buffer);
      let at = 0;
      for (; at + 4 <= held; at += 4) hash = Math.imul(rotate(hash + Math.imul(view.getUint32(at, true), P3), 17), P4);
      for (; at < held; at++) hash = Math.imul(rotate(hash + Math.imul(rest[at] ?? 0, P5), 11), P1);
      hash = Math.imul(hash ^ (hash >>> 15), P2);
      hash = Math.imul(hash ^ (hash >>> 13), P3);
      return (hash ^ (hash >>> 16)) >>> 0;
    },
  };
}
