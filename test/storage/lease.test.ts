import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { removeAbandoned, takeLease } from "../../src/storage/lease.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-lease-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const busy = (): Error => new Error("busy");
const here = hostname().replaceAll(/[^a-z0-9_-]/gi, "_");

it("is held by one at a time, and leaves nothing", async () => {
  const lease = await takeLease(folder, "one", busy);
  expect(readdirSync(folder)).toEqual(["one.lease"]);
  await expect(takeLease(folder, "one", busy)).rejects.toThrow("busy");
  await lease.release();
  expect(readdirSync(folder)).toEqual([]);
});

it("what a killed process left beside it goes with the next holder; what another may still write stays", async () => {
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  const written = (name: string, minutesAgo = 0): void => {
    writeFileSync(join(folder, name), "");
    const at = new Date(Date.now() - minutesAgo * 60_000);
    utimesSync(join(folder, name), at, at);
  };
  const mine = `two.lease.${here}.${process.pid}.a`;
  const fresh = "two.lease.elsewhere.1.b";
  for (const name of [mine, fresh, "twofold.lease", `two.lease.${here}.${dead}.c`]) written(name);
  written("two.lease.elsewhere.1.d", 10);
  written("two.lease.of-an-earlier-version", 10);
  const lease = await takeLease(folder, "two", busy);
  expect(readdirSync(folder).sort()).toEqual([fresh, mine, "two.lease", "twofold.lease"].sort());
  await lease.release();
});

it("what killed processes left beside leases that nobody takes again goes too", async () => {
  const { pid: dead } = spawnSync(process.execPath, ["-e", ""]);
  for (const name of [
    `three.lease.${here}.${dead}.a`,
    `three.lease.${here}.${process.pid}.b`,
    "three.lease",
    "three.outputs",
  ])
    writeFileSync(join(folder, name), "");
  await removeAbandoned(folder);
  expect(
    readdirSync(folder)
      .filter((name) => name.startsWith("three"))
      .sort(),
  ).toEqual(["three.lease", `three.lease.${here}.${process.pid}.b`, "three.outputs"]);
});
