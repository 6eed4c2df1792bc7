/** A request that is not answered costs its whole wait each time: it is tried less often than one that is refused. */
import type { S3Client } from "@aws-sdk/client-s3";

/** Tries of a request that meets silence, the first included. */
export const SILENT_TRIES = 3;

/** The last of the tries fails with an error that the SDK does not take for a passing one. */
export function boundSilence(client: S3Client): void {
  const met = new WeakMap<object, number>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (!isSilence(error)) throw error;
        const tries = (met.get(context) ?? 0) + 1;
        met.set(context, tries);
        throw tries < SILENT_TRIES ? error : silence();
      }
    },
    { step: "finalizeRequest", priority: "low", name: "dynaframeSilence" },
  );
}

/** Name of the error after the last try. */
export const SILENCE = "SilenceError";
export const silence = (): Error => Object.assign(new Error(`no byte came, ${SILENT_TRIES} times`), { name: SILENCE });

const isSilence = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "name" in error && error.name === "TimeoutError";
