/** Raw blocks of Snappy; the package publishes no types. */
declare module "snappyjs" {
  export function uncompress(packed: Buffer): Buffer;
  export function compress(bytes: Buffer): Buffer;
}
