import fc from "fast-check";
import { planNested } from "../../../src/shapes/shred/plan-nested.js";
import { createShredder } from "../../../src/shapes/shred/wasm-shredder.js";
import { struct } from "../../../src/types/data-type.js";

const { wasm } = createShredder(planNested(struct([])));

/** Compares with the language's own reading of the text; true when the fast way had an answer. */
function agrees(digits: bigint, exponent: number): boolean {
  const found = wasm.nearestDouble(digits, BigInt(exponent));
  if (Number.isNaN(found)) return false;
  const expected = Number(`${digits}e${exponent}`);
  if (!Object.is(found, expected)) throw new Error(`${digits}e${exponent} is ${expected}, not ${found}`);
  return true;
}

test("digits and exponents of all sizes read as the language reads them", () => {
  const digits = fc.oneof(
    fc.bigInt({ min: 0n, max: 9_999_999_999_999_999_999n }),
    fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }),
    fc.bigInt({ min: 0n, max: 1_000_000n }),
  );
  let fast = 0;
  let all = 0;
  fc.assert(
    fc.property(digits, fc.integer({ min: -345, max: 310 }), fc.integer({ min: -30, max: 30 }), (d, far, near) => {
      agrees(d, far);
      if (agrees(d, near)) fast++;
      all++;
    }),
    { numRuns: 20_000 },
  );
  // the slow way is for what no ordinary number is
  expect(fast / all).toBeGreaterThan(0.99);
});

test("texts of doubles come back, and so do points half way between two", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-100, max: 1e100 }), (x) => {
      const [, whole = "", fraction = "", power = "0"] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(x)) ?? [];
      const zeros = /0*$/.exec(whole + fraction)?.[0].length ?? 0;
      agrees(BigInt(whole + fraction) / 10n ** BigInt(zeros), Number(power) - fraction.length + zeros);
    }),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: -1, max: 1 }),
      (mantissa, shift, off) => {
        // (mantissa + 1/2) · 2^(shift+1), and its neighbours
        agrees(((mantissa * 2n + 1n) << BigInt(shift)) + BigInt(off), 0);
        if (shift <= 4) agrees((mantissa * 2n + 1n) * 5n ** BigInt(shift), -shift);
      },
    ),
    { numRuns: 20_000 },
  );
});
