import { progressLines } from "../../src/cli/progress/progress-lines.js";

function recorder(): {
  readonly lines: string[];
  readonly clock: { now: number };
  readonly terminal: { err: (text: string) => void; now: () => number };
} {
  const lines: string[] = [];
  const clock = { now: 0 };
  return {
    lines,
    clock,
    terminal: {
      err: (text) => {
        lines.push(text);
      },
      now: () => clock.now,
    },
  };
}

test("a line every two seconds with rate and time to go, and one at the end of each phase", () => {
  const { lines, clock, terminal } = recorder();
  const display = progressLines(terminal);
  for (let i = 0; i <= 50; i++) {
    clock.now = i * 100;
    display.update({
      phase: "scan",
      filesDone: Math.floor(i / 10),
      files: 5,
      bytesDone: i * 1_000_000,
      bytes: 50_000_000,
    });
  }
  display.update({ phase: "write", filesDone: 0, files: 1, bytesDone: 0, bytes: 10 });
  display.stop();
  expect(lines).toEqual([
    "scanning: 2 of 5 files, 20.0 MB of 50.0 MB, 10.0 MB/s, 3.00 s to go\n",
    "scanning: 4 of 5 files, 40.0 MB of 50.0 MB, 10.0 MB/s, 1.00 s to go\n",
    "scanning: 5 of 5 files, 50.0 MB of 50.0 MB, 10.0 MB/s\n",
    "writing: 0 of 1 files, 0 B of 10 B\n",
  ]);
});

test("work that never reports prints nothing", () => {
  const { lines, terminal } = recorder();
  progressLines(terminal).stop();
  expect(lines).toEqual([]);
});
