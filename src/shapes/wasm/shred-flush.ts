/** What the host asks of columns and domains when it writes and empties them, for WebAssembly (AssemblyScript). */
import { Column, Domain, growBits } from "./shred-columns";

/** Makes the validity as long as the domain, so that the host can write it whole. */
export function settleColumn(column: Column): void {
  const rows = column.domain.row;
  if (rows && column.bitRows < rows) growBits(column, rows - 1);
}

/** Rows of the domain in which the column has a value. */
export function validRows(column: Column): u32 {
  const bytes = (column.domain.row + 7) >> 3;
  let valid: u32 = 0;
  if (column.bits) {
    const have = column.bitRows >> 3;
    const end = bytes < have ? bytes : have;
    for (let i: u32 = 0; i < end; i++) valid += <u32>popcnt<u32>(load<u8>(column.bits + i));
  }
  return valid;
}

/** Bytes that the domain's columns hold now. */
export function domainBytes(domain: Domain): usize {
  let bytes: usize = 0;
  for (let c = domain.columns; changetype<usize>(c); c = c.next) bytes += c.end - c.base + (<usize>domain.row >> 3);
  return bytes;
}

/** Empties the columns and numbers on from here. */
export function emptyDomain(domain: Domain): void {
  for (let c = domain.columns; changetype<usize>(c); c = c.next) {
    c.end = c.base;
    c.count = 0;
    const used = <usize>((domain.row >> 3) + 1);
    if (c.bits) memory.fill(c.bits, 0, used < <usize>(c.bitRows >> 3) ? used : <usize>(c.bitRows >> 3));
  }
  domain.base += domain.row;
  domain.row = 0;
}
