/**
 * SIGKILL before every change that forEachBatch makes to a storage: after the next start each record is in the output
 * once.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledProgram } from "../../bundled-program.js";

let folder: string;
const program = bundledProgram(join(__dirname, "killed-stream.ts"));
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stream-kill-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function idsBelow(root: string): number[] {
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return files
    .flatMap((name) =>
      readFileSync(join(root, name), "utf8")
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: number }).id),
    )
    .sort((a, b) => a - b);
}

test("three files in batches of two, killed everywhere", () => {
  let reached = true;
  for (let nth = 0; reached; nth++) {
    const root = join(folder, String(nth));
    mkdirSync(join(root, "in"), { recursive: true });
    for (const id of [1, 2, 3])
      writeFileSync(join(root, "in", `${id}.json`), `${JSON.stringify({ id, day: id % 2 ? "a" : "b" })}\n`);
    const killed = spawnSync(process.execPath, [program(), root, String(nth)], { encoding: "utf8" });
    expect([nth, killed.stderr]).toEqual([nth, ""]);
    reached = killed.signal === "SIGKILL";
    if (!reached) expect([killed.status, nth > 12]).toEqual([0, true]);
    writeFileSync(join(root, "in", "4.json"), '{"id":4,"day":"a"}\n');
    const finished = spawnSync(process.execPath, [program(), root, "-1"], { encoding: "utf8" });
    expect([nth, finished.status, finished.stderr]).toEqual([nth, 0, ""]);
    expect([nth, idsBelow(join(root, "out"))]).toEqual([nth, [1, 2, 3, 4]]);
    // the last batch took the place of those before it
    expect([nth, [[4], [3, 4]]]).toEqual([nth, expect.arrayContaining([idsBelow(join(root, "last"))])]);
    // nothing that was on its way is left
    expect([
      nth,
      readdirSync(root).sort(),
      readdirSync(join(root, "checkpoint", "batches")).filter((name) => name.includes("outputs")),
    ]).toEqual([nth, ["catalog", "checkpoint", "in", "last", "out"], []]);
  }
}, 1_800_000); // some thirty processes, one after the other
