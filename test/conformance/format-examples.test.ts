import { readFileSync } from "node:fs";
import type { ConformanceCase } from "../../conformance/case.js";
import { operations } from "../../conformance/ops/index.js";
import { runCase } from "../../conformance/run-case.js";

/** Every example of the format's page: `{"op":…}` between backticks. */
const examples = [...readFileSync("conformance/FORMAT.md", "utf8").matchAll(/`(\{"op":.*?\})`(?=$|\s)/gm)].map(
  ([, json = ""]) =>
    ({
      id: "example",
      args: {},
      compare: { recordOrder: "ignore", fieldOrder: "ignore" },
      ...(JSON.parse(json) as object),
    }) as ConformanceCase,
);

it("finds the examples of all operations", () => {
  expect(examples.length).toBeGreaterThan(40);
  const ops = new Set(examples.map(({ op }) => op));
  expect(Object.keys(operations).filter((op) => !ops.has(op))).toEqual([]);
  expect(examples.map(({ op }) => op).filter((op) => !Object.hasOwn(operations, op))).toEqual([]);
});

const built = examples.filter(({ op, args }) => Object.hasOwn(operations, op) && args["format"] !== "xml");
it.each(built.map((example) => [example.op, example] as const))(
  "the example of %s holds on both engines",
  async (_op, example) => {
    for (const engine of ["duckdb", "reference"] as const) {
      const verdict = await runCase(example, engine);
      // paths into JSON are the only part of these examples that may be missing
      const pending = verdict.status === "UNSUPPORTED" && /jsonPath .* is not built yet/.test(verdict.reason);
      expect(pending ? { status: "PASS" } : verdict).toEqual({ status: "PASS" });
    }
  },
);
