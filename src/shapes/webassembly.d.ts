/** The part of WebAssembly in use. TypeScript declares it with the browser's library only, which is not wanted here. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, never>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
}
