/**
 * Every cast of the matrix, value by value: Spark against `castValue`, which is the norm. One query for all targets of
 * a type.
 */
import fc from "fast-check";
import { CAST_SOURCES, CAST_TARGETS, castName, compareCasts, randomCasts } from "../cast-cases.js";
import { describeSpark, openSpark, type OpenedSpark } from "./spark-server.js";

describeSpark("casts on Spark", () => {
  let opened: OpenedSpark;
  beforeAll(async () => {
    opened = await openSpark();
  });
  afterAll(() => opened.close());

  it.each(CAST_SOURCES.map(([type, inputs]) => ({ name: castName(type), type, inputs })))(
    "from $name to every type",
    async ({ type, inputs }) => {
      for (const { to, wrong, misfits, counted } of await compareCasts(opened.session, type, CAST_TARGETS, inputs)) {
        expect({ to: castName(to), wrong, counted }).toEqual({ to: castName(to), wrong: [], counted: misfits });
      }
    },
  );

  const { sources, targets } = randomCasts();
  it.each(sources.map(([type, value], i) => ({ name: `${castName(type)} ${i}`, type, value })))(
    "random $name to every atomic type",
    async ({ type, value }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(value, { minLength: 100, maxLength: 100, size: "max" }), async (inputs) => {
          for (const { to, wrong, misfits, counted } of await compareCasts(opened.session, type, targets, inputs)) {
            expect({ to: castName(to), wrong, counted }).toEqual({ to: castName(to), wrong: [], counted: misfits });
          }
        }),
        { numRuns: 2, endOnFailure: true },
      );
    },
  );
});
