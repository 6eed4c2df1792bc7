/**
 * Definition and repetition levels of Parquet pages, from validity bits and list lengths, for WebAssembly
 * (AssemblyScript).
 *
 * Everything is optional, so a value's definition level is how many of the things around it, and it, are there: one for
 * each struct or choice, two for each list (the list, the element's slot). An *entry* of a domain is a row of it, or a
 * place where an outer list is null or empty and which therefore has a level but no row.
 */
import { Column, Domain } from "./shred-columns";
import { settleColumn, validRows } from "./shred-flush";
import { chunkSize, giveChunk, takeChunk } from "./shred-memory";

@inline function isValid(column: Column, row: u32): bool {
  return row < column.bitRows && (<u32>load<u8>(column.bits + (row >> 3)) & (<u32>1 << (row & 7))) != 0;
}

/** How many of the structs and choices around the column's value are there in this row, from the outside. */
function depthAt(column: Column, row: u32): u32 {
  for (let i: u32 = 0; i < column.chainLength; i++) {
    const outer = changetype<Column>(<usize>load<u32>(column.chain + (<usize>i << 2)));
    if (!isValid(outer, row)) return i;
  }
  return column.chainLength;
}

/**
 * Works out the entries of a domain, whose parent's are known. Call for each domain, parents first, before
 * `encodeLevels`.
 */
export function expandDomain(domain: Domain): void {
  giveChunk(domain.definitions, domain.levelsSize);
  giveChunk(domain.repetitions, domain.levelsSize);
  domain.definitions = 0;
  domain.repetitions = 0;
  domain.levelsSize = 0;
  domain.entries = domain.row;
  const list = domain.list;
  // the records, or a flat table: rows are all there is
  if (!changetype<usize>(list) || changetype<usize>(domain.rowColumn)) return;
  const parent = list.domain;
  domain.levelsSize = chunkSize(<usize>parent.entries + <usize>domain.row + 8);
  domain.definitions = takeChunk(domain.levelsSize);
  domain.repetitions = takeChunk(domain.levelsSize);
  let lengths = list.base;
  let row: u32 = 0;
  let out: u32 = 0;
  for (let entry: u32 = 0; entry < parent.entries; entry++) {
    let definition: u32 = parent.level;
    let repetition: u32 = 0;
    if (parent.definitions) {
      definition = load<u8>(parent.definitions + entry);
      repetition = load<u8>(parent.repetitions + entry);
    }
    let count: u32 = 1;
    if (definition >= parent.level) {
      definition = parent.level + depthAt(list, row);
      if (isValid(list, row)) {
        count = load<u32>(lengths);
        lengths += 4;
        definition = count ? domain.level : definition + 1;
        if (!count) count = 1;
      }
      row++;
    }
    store<u8>(domain.definitions + out, definition);
    store<u8>(domain.repetitions + out, repetition);
    if (count > 1) {
      memory.fill(domain.definitions + out + 1, <u8>domain.level, count - 1);
      memory.fill(domain.repetitions + out + 1, <u8>domain.repetition, count - 1);
    }
    out += count;
  }
  domain.entries = out;
}

/** Where `encodeLevels` last wrote. */
export let levelsStart: usize = 0;
let levelsRoom: usize = 0;
/** One level per entry, before packing. */
let plain: usize = 0;
let plainRoom: usize = 0;

/**
 * The levels of a page that holds the whole column, as a version 1 data page has them before its values; returns their
 * length.
 */
export function encodeLevels(column: Column): u32 {
  const domain = column.domain;
  settleColumn(column);
  reserve(<usize>domain.entries + 64);
  let out = levelsStart;
  if (domain.repetition) out = packLevels(domain.repetitions, domain.entries, domain.repetition, out);
  if (domain.level + column.chainLength == 0) return <u32>(validityLevels(column, out) - levelsStart);
  // what has a value in each row has all that is around it there
  const whole = validRows(column) == domain.row;
  if (whole && !domain.definitions) return <u32>(putRun(domain.row, domain.level + column.chainLength + 1, out) - levelsStart);
  if (whole) fillWhole(column);
  else fillDefinitions(column);
  out = packLevels(plain, domain.entries, domain.level + column.chainLength + 1, out);
  return <u32>(out - levelsStart);
}

/** The same for the column as a field of its own, whatever structs it stands in: there or not. */
export function flatLevels(column: Column): u32 {
  settleColumn(column);
  reserve(<usize>column.domain.entries + 64);
  return <u32>(validityLevels(column, levelsStart) - levelsStart);
}

function reserve(entries: usize): void {
  // a level takes at most a byte, and there are two kinds
  if (entries * 2 + 64 > levelsRoom) {
    giveChunk(levelsStart, levelsRoom);
    levelsRoom = chunkSize(entries * 2 + 64);
    levelsStart = takeChunk(levelsRoom);
  }
  if (entries > plainRoom) {
    giveChunk(plain, plainRoom);
    plainRoom = chunkSize(entries);
    plain = takeChunk(plainRoom);
  }
}

function fillDefinitions(column: Column): void {
  const domain = column.domain;
  let row: u32 = 0;
  for (let entry: u32 = 0; entry < domain.entries; entry++) {
    let definition: u32 = domain.definitions ? <u32>load<u8>(domain.definitions + entry) : domain.level;
    if (definition >= domain.level) {
      definition = domain.level + depthAt(column, row);
      if (isValid(column, row)) definition++;
      row++;
    }
    store<u8>(plain + entry, definition);
  }
}

/** The same where each row has a value. */
function fillWhole(column: Column): void {
  const domain = column.domain;
  const greatest = domain.level + column.chainLength + 1;
  for (let entry: u32 = 0; entry < domain.entries; entry++) {
    const definition = <u32>load<u8>(domain.definitions + entry);
    store<u8>(plain + entry, definition >= domain.level ? greatest : definition);
  }
}

/** Levels 0 and 1: the validity bits are their packed form. */
function validityLevels(column: Column, out: usize): usize {
  const rows = column.domain.row;
  const valid = validRows(column);
  if (valid == rows || !valid) return putRun(rows, valid ? 1 : 0, out);
  const groups = (rows + 7) >> 3;
  const end = putVarint((groups << 1) | 1, out + 4);
  memory.copy(end, column.bits, groups);
  store<u32>(out, <u32>(end - out - 4) + groups);
  return end + groups;
}

/** One level repeated, with the length that precedes it. */
function putRun(count: u32, level: u32, out: usize): usize {
  const end = putVarint(count << 1, out + 4);
  store<u8>(end, level);
  store<u32>(out, <u32>(end - out - 3));
  return end + 1;
}

function putVarint(value: u32, out: usize): usize {
  while (value > 127) {
    store<u8>(out++, value | 128);
    value >>= 7;
  }
  store<u8>(out, value);
  return out + 1;
}

/** Levels of one byte each in as many bits as `greatest` needs, with the length that precedes them. */
function packLevels(levels: usize, count: u32, greatest: u32, out: usize): usize {
  if (allEqual(levels, count)) return putRun(count, count ? <u32>load<u8>(levels) : 0, out);
  const width = 32 - <u32>clz<u32>(greatest);
  const groups = (count + 7) >> 3;
  memory.fill(levels + count, 0, 8);
  let at = putVarint((groups << 1) | 1, out + 4);
  for (let group: u32 = 0; group < groups; group++) {
    // bytes to pairs, pairs to fours, fours to one
    let eight = load<u64>(levels + (<usize>group << 3));
    eight = (eight & 0x00ff00ff00ff00ff) | (((eight >> 8) & 0x00ff00ff00ff00ff) << <u64>width);
    eight = (eight & 0x0000ffff0000ffff) | (((eight >> 16) & 0x0000ffff0000ffff) << <u64>(2 * width));
    eight = (eight & 0x00000000ffffffff) | ((eight >> 32) << <u64>(4 * width));
    store<u64>(at, eight);
    at += width;
  }
  store<u32>(out, <u32>(at - out - 4));
  return at;
}

function allEqual(levels: usize, count: u32): bool {
  for (let i: u32 = 1; i < count; i++) if (load<u8>(levels + i) != load<u8>(levels)) return false;
  return true;
}
