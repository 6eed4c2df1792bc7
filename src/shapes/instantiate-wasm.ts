/** The program of `wasm/`, as it was built into `generated/`: an instance of its own, with a memory of its own. */
export function instantiateWasm<Exports>(base64: string): Exports {
  const module = new WebAssembly.Module(Buffer.from(base64, "base64"));
  // what it exports is declared by hand where it is used: the build does not tell types
  return new WebAssembly.Instance(module, {}).exports as unknown as Exports;
}

/** An address as wasm gives it: past 2 GB of its 4 it comes as a negative number. */
export const address = (given: number): number => given >>> 0;
