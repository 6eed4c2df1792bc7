import { join } from "node:path";
import { listFixtures, runFixture } from "../../src/testing/index.js";

const fixtures = join(__dirname, "..", "..", "fixtures");

test("every fixture folder of the repository holds what it says", async () => {
  const names = await listFixtures(fixtures);
  expect(names).toContain("drifting-orders");
  for (const name of names)
    expect({ name, problems: (await runFixture(fixtures, name)).problems }).toEqual({ name, problems: [] });
});
