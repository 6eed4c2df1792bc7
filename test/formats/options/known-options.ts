/** The names that a check of options knows, sorted: it lists them when it refuses one. */
export function knownOptions(refuse: () => void): string[] {
  try {
    refuse();
  } catch (error) {
    const { code, expected } = error as { code?: string; expected?: string };
    if (code !== "BAD_OPTION" || expected === undefined) throw error;
    return expected === "" ? [] : expected.split(", ").sort();
  }
  throw new Error("an option that does not exist was taken");
}
