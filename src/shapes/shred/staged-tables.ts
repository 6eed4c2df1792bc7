/** The staged files of one shredder: opened for each table, filled by row groups, closed with their footers. */
import { join } from "node:path";
import { ParquetWriter } from "./parquet-writer.js";
import { keyDomains, type PlanTable } from "./plan.js";
import { pagesOf, type ColumnExports, type WasmShredder } from "./wasm-shredder.js";

/** DuckDB's row group; smaller ones cost readers more than they save. */
const FULL_ROWS = 122_880;
/** A table this large is written even if it has few rows. */
const FULL_BYTES = 16 << 20;
/** All tables together stay below this, whatever their shapes. */
const MAX_BYTES = 48 << 20;

export type StagedFile = {
  readonly domain: string;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
};

/**
 * A run of row numbers in a file: `count` 64-bit integers at `position`, all of the domain's own `#row` numbers or its
 * parent's.
 */
export type KeyRun = {
  readonly path: string;
  readonly position: number;
  readonly count: number;
  readonly domain: number;
};

/** The file of one worker's rows of the plan's i-th table. */
export const stagedPath = (directory: string, i: number, worker: number): string =>
  join(directory, `${i}-${worker}.parquet`);

/** Open files `<table>-<worker>.parquet` in a folder. */
export class StagedTables {
  private readonly writers: readonly { readonly table: PlanTable; readonly writer: ParquetWriter }[];

  /** Where row numbers lie in the files so far. */
  readonly keyRuns: KeyRun[] = [];
  private readonly keyDomains: ReadonlyMap<number, number>;

  /** `beforeEmptied` hears of the rows that the columns of a table hold when they have been written. */
  constructor(
    private readonly shredder: WasmShredder<ColumnExports>,
    directory: string,
    worker: number,
    private readonly beforeEmptied: (rows: number) => void = () => undefined,
  ) {
    this.writers = shredder.plan.tables.map((table, i) => ({
      table,
      writer: new ParquetWriter(stagedPath(directory, i, worker), table.schema),
    }));
    this.keyDomains = keyDomains(shredder.plan);
  }

  get paths(): readonly string[] {
    return this.writers.map(({ writer }) => writer.path);
  }

  /** Writes what has grown large; call between blocks. */
  flushFull(): void {
    let buffered = 0;
    const sizes = this.writers.map(({ table, writer }) => {
      const bytes = this.bytesOf(table);
      buffered += bytes;
      return { table, writer, bytes };
    });
    for (const entry of sizes) {
      if (entry.bytes < FULL_BYTES && this.rowsOf(entry.table) < FULL_ROWS) continue;
      this.flush(entry.table, entry.writer);
      buffered -= entry.bytes;
      entry.bytes = 0;
    }
    for (const { table, writer, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
      if (buffered <= MAX_BYTES) return;
      this.flush(table, writer);
      buffered -= bytes;
    }
  }

  /** Writes the rest and the footers. */
  finish(): StagedFile[] {
    return this.writers.map(({ table, writer }) => {
      this.flush(table, writer);
      writer.finish();
      return { domain: table.domain, path: writer.path, rows: writer.rows, bytes: writer.bytes };
    });
  }

  /** Closes the files as they are. */
  abandon(): void {
    for (const { writer } of this.writers) writer.abandon();
  }

  private flush(table: PlanTable, writer: ParquetWriter): void {
    const { wasm } = this.shredder;
    const rows = this.rowsOf(table);
    if (rows === 0) return;
    const domains = this.domainsOf(table);
    for (const domain of domains) wasm.expandDomain(domain);
    const pages = pagesOf(this.shredder, table.columns);
    const positions = writer.writeRowGroup(rows, pages);
    table.columns.forEach((column, i) => {
      const domain = this.keyDomains.get(column);
      const [page, position] = [pages[i], positions[i]];
      if (domain === undefined || page === undefined || position === undefined || page.values.length === 0) return;
      this.keyRuns.push({ path: writer.path, position, count: page.values.length / 8, domain });
    });
    this.beforeEmptied(rows);
    for (const domain of domains) wasm.emptyDomain(domain);
  }

  private rowsOf(table: PlanTable): number {
    return this.shredder.wasm.domainRows(this.domainsOf(table)[0] ?? 0);
  }

  private bytesOf(table: PlanTable): number {
    return this.domainsOf(table).reduce((sum, domain) => sum + this.shredder.wasm.domainBytes(domain), 0);
  }

  private domainsOf(table: PlanTable): number[] {
    return table.domains.flatMap((index) => this.shredder.domains[index] ?? []);
  }
}
