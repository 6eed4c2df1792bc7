import type { Terminal } from "../terminal.js";
import type { ProgressDisplay } from "./progress-display.js";

/** A bar on a terminal, else a plain line now and then, or nothing when `quiet`. */
export async function openProgress(terminal: Terminal, options: { readonly quiet: boolean }): Promise<ProgressDisplay> {
  if (options.quiet) return { update: () => undefined, stop: () => undefined };
  if (!terminal.errIsTerminal) return (await import("./progress-lines.js")).progressLines(terminal);
  return (await import("./progress-bar.js")).progressBar(terminal);
}
