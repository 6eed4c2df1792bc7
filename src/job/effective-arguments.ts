/** Arguments by name, names with their dashes: `{ "--day": "2024-03-01" }`. */
export type JobArguments = { readonly [name: string]: string };

/**
 * The arguments of a run: the job's defaults, over them the trigger's, over them those of the call that started the
 * run, and above all the job's non-overridable ones, without a word. Developer guide, "Passing job parameters in a
 * trigger".
 */
export function effectiveArguments(
  job: { readonly DefaultArguments?: JobArguments; readonly NonOverridableArguments?: JobArguments },
  trigger: JobArguments = {},
  run: JobArguments = {},
): JobArguments {
  return Object.freeze({ ...job.DefaultArguments, ...trigger, ...run, ...job.NonOverridableArguments });
}
