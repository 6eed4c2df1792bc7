/** Every cast of the matrix, value by value: DuckDB against `castValue`, which is the norm. */
import fc from "fast-check";
import { castCanFail } from "../../../src/types/cast.js";
import type { DataType } from "../../../src/types/data-type.js";
import type { Value } from "../../../src/types/value.js";
import { CAST_SOURCES, CAST_TARGETS, castName, compareCasts, randomCasts, type CastOutcome } from "../cast-cases.js";
import { openSession, type Opened } from "./session.js";

let opened: Opened;
beforeAll(async () => {
  opened = await openSession();
});
afterAll(() => opened.close());

async function compare(from: DataType, to: DataType, inputs: readonly Value[]): Promise<CastOutcome> {
  const [outcome] = await compareCasts(opened.session, from, [to], inputs);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

describe.each(CAST_SOURCES.map(([type, inputs]) => ({ name: castName(type), type, inputs })))(
  "from $name",
  ({ type: from, inputs }) => {
    it.each(CAST_TARGETS.map((to) => ({ to, name: castName(to) })))("to $name", async ({ to }) => {
      const { wrong, misfits, counted } = await compare(from, to, inputs);
      expect(wrong).toEqual([]);
      expect(counted).toBe(misfits);
      if (!castCanFail(from, to)) expect(misfits).toBe(0);
    });
  },
);

describe("random values", () => {
  const { sources, targets } = randomCasts();
  it.each(sources.map(([type, value], i) => ({ name: `${castName(type)} ${i}`, type, value })))(
    "from $name to every atomic type",
    async ({ type, value }) => {
      for (const to of targets) {
        await fc.assert(
          fc.asyncProperty(fc.array(value, { minLength: 100, maxLength: 100, size: "max" }), async (inputs) => {
            const { wrong, misfits, counted } = await compare(type, to, inputs);
            expect(wrong).toEqual([]);
            expect(counted).toBe(misfits);
          }),
          { numRuns: 3, endOnFailure: true },
        );
      }
    },
    60_000,
  );
});
