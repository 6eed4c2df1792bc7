/**
 * Batches of records as Parquet files, whose fields may lie in other files as they are: those columns are copied with
 * the row group they are in, unread. Rows of it that the batches leave out are marked (docs/decisions/0175).
 */
import { BOOLEAN, field, struct, type StructType } from "../../types/data-type.js";
import { FileBytes } from "../../storage/file-bytes.js";
import { physicalNames } from "../../types/physical.js";
import type { RecordBatch } from "../../types/record-batch.js";
import type { PageData, StoredChunk, StoredField, StoredRows } from "../../types/stored-rows.js";
import { isFullGroup, recordPlaces, type RecordPlaces } from "./batch-writer.js";
import { ParquetWriter } from "./parquet-writer.js";
import type { SchemaNode } from "./parquet-schema.js";

/**
 * Where the records of a writer are: files in their order. `kept`: a column of booleans, true for the rows that count;
 * undefined where all do.
 */
export type WrittenPart = { readonly path: string; readonly kept: string | undefined };

export type StoredWriter = {
  /** A promise where the caller must wait before the next. @throws as `BatchWriter` */
  readonly write: (batch: RecordBatch) => Promise<void> | undefined;
  /** Completes the files. */
  readonly finish: () => Promise<readonly WrittenPart[]>;
  /** Closes the files as they are, after an error. */
  readonly abandon: () => void;
};

/** Bytes that wait to be written, at most. */
const MOST_WAITING = 32 << 20;

/** Rows of a row group whose stored fields are copied. */
type Group = {
  /** Where the rows behind the first `before` are from. */
  of: StoredRows["group"];
  before: number;
  readonly stored: readonly (StoredField | undefined)[];
  /** By field, of those that are stored as pages, a list for each column. */
  readonly pages: readonly (readonly PageData[][] | undefined)[];
  bytes: number;
  /** What is not stored, and which rows are kept. */
  readonly places: readonly (RecordPlaces | undefined)[];
  readonly kept: RecordPlaces;
  next: number;
};
type Part = WrittenPart & { readonly file: ParquetWriter; readonly layout: string };

/** `pathOf` names the files, in their order. */
export function storedWriter(pathOf: (part: number) => string, type: StructType): StoredWriter {
  const names = physicalNames(type);
  const plain = recordPlaces(type);
  const keptName = freeName(names);
  const own = type.fields.map((f, i) => recordPlaces(struct([field(names[i] ?? f.name, f.type)])));
  const kept = recordPlaces(struct([field(keptName, BOOLEAN)]));
  /**
   * Fields that were not stored where others were, or of which half the rows would be left out of pages: they are never
   * copied, so that there are few layouts.
   */
  const changed = new Set<number>();
  const parts: Part[] = [];
  const source = sourceReader();
  let group: Group | undefined;

  const partOf = (layout: string, schema: () => readonly SchemaNode[], keptIn: string | undefined): ParquetWriter => {
    const last = parts.at(-1);
    if (last?.layout === layout) return last.file;
    last?.file.finish();
    const path = pathOf(parts.length);
    const part = { path, kept: keptIn, layout, file: new ParquetWriter(path, schema(), { later: true }) };
    parts.push(part);
    return part.file;
  };
  const flushPlain = (): void => {
    const { rows, pages } = plain.take();
    if (rows > 0) partOf("plain", () => plain.schema, undefined).writeRowGroup(rows, pages);
  };
  const flushGroup = (): void => {
    if (group === undefined) return;
    const { stored, pages } = group;
    const rows = rowsOf(group);
    hide(group, rows - group.next);
    const columns = stored.flatMap((f, i): readonly (readonly PageData[] | StoredChunk)[] =>
      f?.kind === "file" ? f.chunks : (pages[i] ?? alone(own[i]?.take().pages)),
    );
    const schema = (): readonly SchemaNode[] => [
      ...stored.flatMap((f, i) => (f?.kind === "file" ? [storedNode(f)] : (own[i]?.schema ?? []))),
      ...kept.schema,
    ];
    const layout = stored
      .map((f) =>
        f?.kind === "file" ? f.elements.map((bytes) => Buffer.from(bytes).toString("base64")).join(" ") : "own",
      )
      .join(",");
    group = undefined;
    partOf(layout, schema, keptName).writeMixed(rows, [...columns, ...alone(kept.take().pages)], source.read);
  };
  /** The fields to copy of a batch that has some. */
  const storedOf = ({ fields, group: { rows: all } }: StoredRows, kept: number): Group["stored"] =>
    type.fields.map((_, i) => {
      const stored = fields[i];
      if (stored?.name !== names[i] || (stored?.kind === "pages" && 2 * kept < all)) changed.add(i);
      return changed.has(i) ? undefined : stored;
    });
  const take = (batch: RecordBatch): void => {
    const stored = batch.stored && batch.rows.length > 0 ? storedOf(batch.stored, batch.rows.length) : [];
    if (batch.stored === undefined || stored.every((f) => f === undefined)) {
      flushGroup();
      plain.write(batch);
      if (plain.full()) flushPlain();
      return;
    }
    flushPlain();
    if (group !== undefined && !goesOn(group, batch.stored, stored)) {
      if (takesMore(group, stored)) addPages(group, batch.stored.group, stored);
      else flushGroup();
    }
    group ??= {
      of: batch.stored.group,
      before: 0,
      next: 0,
      kept,
      stored,
      places: stored.map((f, i) => (f === undefined ? own[i] : undefined)),
      pages: stored.map((f) => (f?.kind === "pages" ? alone(f.pages) : undefined)),
      bytes: bytesOf(stored),
    };
    hide(group, group.before + batch.stored.from - group.next);
    writeKept(group, batch);
  };
  return {
    write: (batch) => {
      take(batch);
      const file = parts.at(-1)?.file;
      return file !== undefined && file.waiting > MOST_WAITING ? file.settled() : undefined;
    },
    finish: async () => {
      flushPlain();
      flushGroup();
      source.close();
      parts.at(-1)?.file.finish();
      for (const { file } of parts) await file.settled();
      return parts.map(({ path, kept: column }) => ({ path, kept: column }));
    },
    abandon: () => {
      for (const { file } of parts) file.abandon();
      source.close();
    },
  };
}

/** Rows of the group when it is whole. */
const rowsOf = ({ before, of }: Group): number => before + of.rows;

const goesOn = ({ of, before, stored, next }: Group, rows: StoredRows, fields: Group["stored"]): boolean =>
  of === rows.group && before + rows.from >= next && stored.every((f, i) => f === fields[i]);

/** Pages of other rows may follow where the same fields are stored so. */
const takesMore = (group: Group, fields: Group["stored"]): boolean =>
  !isFullGroup(rowsOf(group), group.bytes)
  && group.stored.every((f, i) => f?.kind !== "file" && f?.kind === fields[i]?.kind);

function addPages(group: Group, of: Group["of"], fields: Group["stored"]): void {
  group.before = rowsOf(group);
  group.of = of;
  group.bytes += bytesOf(fields);
  fields.forEach((f, i) => {
    if (f?.kind === "pages")
      f.pages.forEach((page, k) => {
        group.pages[i]?.[k]?.push(page);
      });
  });
}

const bytesOf = (fields: Group["stored"]): number =>
  fields.reduce(
    (sum, f) =>
      sum
      + (f?.kind === "pages" ? f.pages.reduce((all, { levels, values }) => all + levels.length + values.length, 0) : 0),
    0,
  );

const alone = (pages: readonly PageData[] = []): PageData[][] => pages.map((page) => [page]);

/** The next rows do not count. */
function hide(group: Group, count: number): void {
  if (count <= 0) return;
  for (const place of group.places) place?.skip(count);
  group.kept.skip(count);
  group.next += count;
}

function writeKept(group: Group, { records, rows }: RecordBatch): void {
  const length = (rows.at(-1) ?? -1) + 1;
  const all = new Int32Array(length).fill(-1);
  for (const row of rows) all[row] = row;
  group.places.forEach((place, i) => {
    place?.write({ records: { ...records, fields: records.fields.slice(i, i + 1) }, rows: all });
  });
  group.kept.write({
    records: {
      kind: "struct",
      states: undefined,
      fields: [{ kind: "plain", values: new Array<boolean>(length).fill(true) }],
    },
    rows: all,
  });
  group.next += length;
}

const storedNode = ({ name, elements, chunks }: Extract<StoredField, { readonly kind: "file" }>): SchemaNode => ({
  kind: "stored",
  name,
  elements,
  leaves: chunks,
});

/** A name that no field has. */
function freeName(names: readonly string[]): string {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  let name = "~kept";
  while (taken.has(name)) name += "~";
  return name;
}

/** Reads chunks, of one file at a time. */
function sourceReader(): { readonly read: (chunk: StoredChunk) => Uint8Array; readonly close: () => void } {
  let open: FileBytes | undefined;
  return {
    read: ({ file, start, bytes }) => {
      if (open?.path !== file) {
        open?.close();
        open = new FileBytes(file);
      }
      return open.read(start, bytes);
    },
    close: () => {
      open?.close();
    },
  };
}
