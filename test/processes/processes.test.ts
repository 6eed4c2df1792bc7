/**
 * Many processes write one catalog, in its folder and through a server, and die at any moment: nothing acknowledged is
 * lost, nothing is torn. DYNAFRAME_PROCESS_SECONDS sets how long the eight write; `node bench/processes.mjs` sets 60.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildPrograms,
  cache,
  countsIn,
  expectLinearisable,
  expectSound,
  newCatalog,
  type Running,
  startProgram,
} from "./processes.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-processes-"));
const seconds = Number(process.env["DYNAFRAME_PROCESS_SECONDS"] ?? 5);
const EIGHT = ["a", "b", "c", "d", "e", "f", "g", "h"];
const TIMEOUT = (seconds * 4 + 240) * 1000;

beforeAll(() => buildPrograms("writer-process", "server-process"), 60_000);
afterAll(() => {
  for (const folder of [cache, root]) rmSync(folder, { recursive: true, force: true });
});

const catalogIn = async (name: string): Promise<string> => {
  const address = join(root, name);
  await newCatalog(address);
  return address;
};
const pause = (most: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, Math.random() * most);
  });

/** Writers that are killed and follow each other until the time is over; the lines they printed. */
async function writeAndKill(
  address: () => string,
  between: (round: number) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const lines: string[] = [];
  const end = Date.now() + seconds * 1000;
  for (let round = 0; round < 2 || Date.now() < end; round += 1) {
    const writers = EIGHT.map((name) => startProgram("writer-process", address(), `${name}${round}`, "100000"));
    // each has written before the first dies
    await Promise.all(writers.map((writer) => writer.said("count ")));
    await pause(500);
    await between(round);
    for (const writer of writers) {
      await pause(40);
      writer.process.kill("SIGKILL");
    }
    await Promise.all(writers.map((writer) => writer.ended));
    expect(writers.flatMap((writer) => writer.errors)).toEqual([]);
    lines.push(...writers.flatMap((writer) => writer.lines));
  }
  return lines;
}

it(
  "eight processes write at once, and every write counts",
  async () => {
    const address = await catalogIn("together");
    const writers = EIGHT.map((name) => startProgram("writer-process", address, name, "5"));
    await Promise.all(writers.map((writer) => writer.ended));
    expect(writers.flatMap((writer) => writer.errors)).toEqual([]);
    const lines = writers.flatMap((writer) => writer.lines);
    expect(lines.filter((line) => line === "done")).toHaveLength(8);
    expect(
      countsIn(lines)
        .map(({ value }) => value)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    await expectSound(address, lines);
  },
  TIMEOUT,
);

it(
  "eight processes killed again and again lose nothing that was acknowledged",
  async () => {
    const address = await catalogIn("killed");
    await expectSound(address, await writeAndKill(() => address));
  },
  TIMEOUT,
);

it(
  "eight clients of a server, and the server itself, killed again and again lose nothing that was acknowledged",
  async () => {
    const address = await catalogIn("served");
    const start = async (): Promise<Running & { readonly endpoint: string }> => {
      const server = startProgram("server-process", address);
      await server.said("listening ");
      expect(server.errors).toEqual([]);
      return {
        ...server,
        endpoint: (server.lines.find((line) => line.startsWith("listening ")) ?? "").slice("listening ".length),
      };
    };
    let server = await start();
    const lines = await writeAndKill(
      () => server.endpoint,
      async (round) => {
        if (round % 2 === 0) return; // the clients alone
        server.process.kill("SIGKILL");
        await server.ended;
        server = await start();
      },
    );
    server.process.kill("SIGKILL");
    await server.ended;
    await expectSound(address, lines);
  },
  TIMEOUT,
);

it(
  "six processes may open a new catalog at the same moment",
  async () => {
    const address = join(root, "new");
    const writers = Array.from({ length: 6 }, (_, i) => startProgram("writer-process", address, `w${i}`, "0"));
    await Promise.all(writers.map((writer) => writer.ended));
    expect(writers.flatMap((writer) => writer.errors)).toEqual([]);
    expect(writers.flatMap((writer) => writer.lines).filter((line) => line === "done")).toHaveLength(6);
  },
  TIMEOUT,
);

describe("the check of times", () => {
  const at = (value: number, from: number, to: number) => ({ value, from: BigInt(from), to: BigInt(to) });
  it("takes updates that overlap in any order", () => {
    expectLinearisable([at(1, 0, 10), at(2, 5, 6), at(3, 6, 20)]);
  });
  it("sees a value that came after a higher one was acknowledged", () => {
    expect(() => {
      expectLinearisable([at(1, 0, 1), at(3, 2, 3), at(2, 4, 5)]);
    }).toThrow();
  });
  it("sees a value given twice", () => {
    expect(() => {
      expectLinearisable([at(1, 0, 1), at(1, 0, 1)]);
    }).toThrow();
  });
});
