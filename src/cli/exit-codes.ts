/** What the command's exit status means; printed by `dynaframe --help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, stale: 3, drifted: 4, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit status:
  0    done
  1    the operation failed, or some of its files did; what the call names is not there
  2    wrong usage: an unknown command or option, or a value that makes no sense
  3    the plan is stale: files or tables changed since it was made
  4    drift of the kind that --fail-on names
  130  interrupted (Ctrl-C); nothing partial is left`;
