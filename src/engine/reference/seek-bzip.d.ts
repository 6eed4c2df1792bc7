/** The part of seek-bzip that unpacks whole files; the package publishes no types. */
declare module "seek-bzip" {
  const bunzip: { decode(packed: Uint8Array, output?: undefined, multistream?: boolean): Uint8Array };
  export = bunzip;
}
