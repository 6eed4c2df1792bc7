/**
 * Packs bytes into one zstd frame. Node itself has this from 22.15 on; what is loaded here is zstd compiled to
 * WebAssembly, with its bytes in the module.
 */
export async function zstdPacker(): Promise<(bytes: Uint8Array) => Uint8Array> {
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  const zstd = await Zstd.load();
  return (bytes) => zstd.compress(bytes);
}
