/** The lines between a session's process and its server. */
import { PassThrough } from "node:stream";
import { resultOf, serveStatements } from "../../src/devendpoint/statement-loop.js";

test("a line that is no statement is answered as one, and the next is run", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const before = process.listeners("SIGINT");
  const served = serveStatements(input, output, { answer: 42 });
  const lines = [
    "",
    "not json",
    "null",
    "7",
    "[1]",
    '{"id":"1","code":"1"}',
    '{"id":1}',
    '{"id":2,"code":3}',
    '{"id":5,"code":"answer"}',
  ];
  input.end(`${lines.join("\n")}\n`);
  await served;
  process.removeAllListeners("SIGINT");
  for (const listener of before) process.on("SIGINT", listener);
  const results = String(output.read())
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { ready?: true; id?: number; output?: string; error?: { name: string } });
  expect(results).toEqual([
    { ready: true },
    ...lines
      .slice(0, -1)
      .map(() => ({
        id: -1,
        output: "",
        error: { name: "BadStatement", message: expect.stringContaining("a statement is a line") as string, stack: [] },
      })),
    { id: 5, output: "42\n" },
  ]);
});

test.each([
  "",
  "not json",
  "null",
  "7",
  "[]",
  '{"id":9',
  '{"id":9}',
  '{"id":"9","output":"x"}',
  '{"id":9,"output":1}',
  '{"ready":1}',
])("%j is no result", (line) => {
  expect(resultOf(line)).toBeUndefined();
});

test("results and the first line are told from what code printed", () => {
  expect([resultOf('{"ready":true}'), resultOf('{"id":9,"output":"x\\n"}')]).toEqual([
    { ready: true },
    { id: 9, output: "x\n" },
  ]);
});
