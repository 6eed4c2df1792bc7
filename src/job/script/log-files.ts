/** The logs of a run: what its script printed, as it printed it, without the secrets it was given. */
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { Readable } from "node:stream";
import { masked } from "./secret-values.js";

export type RunLogs = { readonly output: string; readonly error: string };

/** `output.log` and `error.log`, as Glue's two groups. Names are made safe for every file system. */
export function logFiles(logFolder: string, job: string, runId: string): RunLogs {
  const folder = join(logFolder, encodeURIComponent(job), encodeURIComponent(runId));
  return { output: join(folder, "output.log"), error: join(folder, "error.log") };
}

/** Lines kept for the message of a failed run. */
const TAIL_LINES = 100;
/** A line without an end is cut here, so that a script cannot fill the memory. */
const LONGEST_LINE = 64 * 1024;

/** Copies a stream into a file, line by line. `tail` gives the last lines, `done` resolves when all is in the file. */
export async function logStream(
  from: Readable,
  file: string,
  secrets: readonly string[],
): Promise<{ readonly done: Promise<void>; readonly tail: () => readonly string[] }> {
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  const to = createWriteStream(file, { flags: "a", mode: 0o600 });
  const tail: string[] = [];
  return { done: copy(from, to, secrets, tail), tail: () => tail };
}

async function copy(from: Readable, to: WriteStream, secrets: readonly string[], tail: string[]): Promise<void> {
  let rest = "";
  const put = async (line: string, end: string): Promise<void> => {
    const text = masked(line, secrets);
    tail.push(text);
    if (tail.length > TAIL_LINES) tail.shift();
    if (!to.write(text + end))
      await new Promise<void>((resolve) => {
        to.once("drain", resolve);
      });
  };
  from.setEncoding("utf8");
  for await (const chunk of from) {
    rest += String(chunk);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) await put(line, "\n");
    // a secret may lie across the cut: keep as much as the longest is long
    const kept = secrets[0]?.length ?? 0;
    if (rest.length > LONGEST_LINE + kept) {
      const whole = masked(rest, secrets);
      await put(whole.slice(0, whole.length - kept), "");
      rest = whole.slice(whole.length - kept);
    }
  }
  if (rest !== "") await put(rest, "");
  to.end();
  await finished(to);
}
