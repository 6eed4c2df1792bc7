/** Which arguments of a job hold secrets, by their names; their values are not printed and not logged. */
import type { JobArguments } from "../effective-arguments.js";

const SECRET_NAME =
  /pass(word|wd|phrase)?$|secret|token|credential|(api|access|private|account|encryption)[-_]?key|^--key$/i;
/** Shorter values would blacken what has nothing to do with them. */
const LEAST_LENGTH = 4;
const MASK = "*****";

const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** The values to hide, longest first, so that one within another leaves nothing of it. */
export function secretValues(args: JobArguments): readonly string[] {
  return [
    ...new Set(
      Object.entries(args)
        .filter(([name, value]) => isSecretName(name) && value.length >= LEAST_LENGTH)
        .map(([, value]) => value),
    ),
  ].sort((a, b) => b.length - a.length);
}

export const masked = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);

/** The arguments as they may be shown. */
export const shownArguments = (args: JobArguments): JobArguments =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, isSecretName(name) ? MASK : value]));
