/**
 * Processes of sessions: refused, told to go, and ended though they hear nothing. What they answer is tested with real
 * ones in `test/cli/serve-sessions.test.ts`.
 */
import { sessionHost, type SessionHost } from "../../src/devendpoint/session-host.js";

const READY =
  "process.stdout.write('{\"ready\":true}\\n'); process.stdin.on('data', (line) => { const { id } = JSON.parse(line); process.stdout.write(JSON.stringify({ id, output: 'ran' }) + '\\n'); });";

async function withHost(
  code: string,
  body: (host: SessionHost, told: { forbidden: boolean; readonly ends: string[] }) => Promise<void>,
): Promise<void> {
  const told = { forbidden: false, ends: [] as string[] };
  const check = async (): Promise<void> => {
    if (told.forbidden) throw new Error("there is a key now");
  };
  const host = sessionHost({
    command: async () => {
      await check();
      return { words: [process.execPath, "-e", code], env: {} };
    },
    check,
  });
  try {
    await body(host, told);
  } finally {
    await host.closeAll();
  }
}
const open = (host: SessionHost, ends: string[]): Promise<void> =>
  host.open("s", {
    idleMinutes: 60,
    onEnd: (why) => {
      ends.push(why);
    },
  });

test("none starts where none may run; one that runs takes no more statements, and is ended", async () => {
  await withHost(READY, async (host, told) => {
    await open(host, told.ends);
    expect(await host.run("s", "1", async () => true)).toMatchObject({ output: "ran" });
    told.forbidden = true;
    await expect(host.run("s", "1", async () => true)).rejects.toThrow();
    while (told.ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([told.ends, host.has("s")]).toEqual([["gone"], false]);
    await expect(open(host, told.ends)).rejects.toThrow("there is a key now");
  });
}, 60_000);

test("one whose code is in a loop is killed", async () => {
  await withHost(
    `${READY} process.on('SIGTERM', () => undefined); setTimeout(() => { for (;;); }, 1)`,
    async (host, told) => {
      await open(host, told.ends);
      await host.close("s");
      expect([told.ends, host.has("s")]).toEqual([[], false]);
    },
  );
}, 60_000);
