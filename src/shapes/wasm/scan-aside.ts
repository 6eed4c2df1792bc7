/**
 * What a scan does with records besides counting them, for WebAssembly (AssemblyScript): nothing in the plain scanner.
 * `scan-shred.ts` gives it the shredder's columns; the scanner itself knows those as addresses of *sinks*, one for each
 * path that is wanted.
 */

/** The sink of a field of that name in records of `sink`, or 0. */
type FindSink = (sink: usize, name: usize, length: u32) => usize;
/**
 * Takes the value at `p`, which was found valid; of an object only that it is there, where its fields have sinks of
 * their own.
 */
type TakeValue = (sink: usize, p: usize) => void;
/** As `TakeValue`, for a string between quotes without escapes. */
type TakeText = (sink: usize, from: usize, end: usize) => void;
/** `again`: the record has a key twice, and of each only the last value comes now. */
type BeginRow = (again: bool) => void;
type EndRow = (kept: bool) => void;

export let findSink: FindSink = (_sink: usize, _name: usize, _length: u32) => 0;
export let takeValue: TakeValue = (_sink: usize, _p: usize) => {};
export let takeText: TakeText = (_sink: usize, _from: usize, _end: usize) => {};
export let beginRow: BeginRow = (_again: bool) => {};
/** Follows each `beginRow`; a row that is not kept leaves no trace. */
export let endRow: EndRow = (_kept: bool) => {};

/** Call once, before anything is scanned. */
export function setAside(find: FindSink, take: TakeValue, takeString: TakeText, begin: BeginRow, end: EndRow): void {
  findSink = find;
  takeValue = take;
  takeText = takeString;
  beginRow = begin;
  endRow = end;
}
