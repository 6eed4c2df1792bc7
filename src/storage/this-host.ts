import { readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The space of process ids that the machine began with (linux/proc_ns.h, PROC_PID_INIT_INO). */
const FIRST_SPACE = "pid:[4026531836]";

/**
 * Where a process id means something: the machine, and in a container or an endpoint its space of process ids. What two
 * processes of different spaces know of each other by their ids is nothing, though the machine's name is the same.
 */
export function thisHost(): string {
  const space = spaceOfIds();
  return space === undefined || space === FIRST_SPACE ? hostname() : `${hostname()}_${space.replaceAll(/\D/g, "")}`;
}

/** Undefined where there is none (other systems than Linux). */
function spaceOfIds(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

/** For names of files: empty in the machine's own space, else its digits and a dot. */
export const spaceOfNames = (): string => {
  const space = spaceOfIds();
  return space === undefined || space === FIRST_SPACE ? "" : `${space.replaceAll(/\D/g, "")}.`;
};
