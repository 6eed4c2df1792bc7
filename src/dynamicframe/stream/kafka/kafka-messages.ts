/**
 * Messages as a file for the scanner, one to a line: types are exact, and what is malformed is told by topic, partition
 * and offset.
 */
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { filesNode } from "../../sources/files.js";
import { rowsNode } from "../../sources/rows.js";
import { sourceSelection } from "../../sources/source-options.js";
import type { ErrorRecord, FrameNode, FrameSession } from "../../frame-node.js";
import type { TransformOptions } from "../../verbs/verb.js";
import type { KafkaMessage } from "./kafka-client.js";
import { partitionName, type KafkaRequest } from "./kafka-options.js";

/** Characters gathered before they are written. */
const CHUNK = 1 << 20;

export class MessageFile {
  private text: Buffer[] = [];
  private gathered = 0;
  private size = 0;
  private readonly starts: number[] = [];
  private readonly offsets: string[] = [];
  private readonly partitions: string[] = [];
  /** Without a value: tombstones of compacted topics, and empty ones. */
  private empty = 0;

  private constructor(
    private readonly request: KafkaRequest,
    private readonly folder: string,
    private readonly file: FileHandle,
  ) {}

  static async create(request: KafkaRequest, session: FrameSession): Promise<MessageFile> {
    const folder = await session.stagingFolder("kafka");
    return new MessageFile(request, folder, await open(join(folder, `messages.${request.format}`), "w"));
  }

  readonly add = async ({ topic, partition, offset, value }: KafkaMessage): Promise<void> => {
    if (value === null || value.length === 0) {
      this.empty++;
      return;
    }
    this.starts.push(this.size);
    this.offsets.push(offset);
    this.partitions.push(partitionName(topic, partition));
    const line = Buffer.concat([this.request.format === "json" ? oneLine(value) : value, LINE_END]);
    this.text.push(line);
    this.size += line.length;
    this.gathered += line.length;
    if (this.gathered >= CHUNK) await this.flush();
  };

  /** What was written as a source; call once, after the last message. */
  async node(options: TransformOptions): Promise<FrameNode> {
    await this.flush();
    await this.file.close();
    const { format, formatOptions, name } = this.request;
    const read =
      this.starts.length === 0
        ? rowsNode([], { ...options, name })
        : filesNode({ paths: [this.folder], format, formatOptions, selection: sourceSelection({}) }, options);
    const { empty } = this;
    return {
      kind: "fromOptions",
      args: { kafka: name },
      inputs: [],
      options,
      resolve: async (inputs, session, run) => {
        const resolved = await read.resolve(inputs, session, run);
        const reason = "message without a value";
        const notes = empty === 0 ? [] : [`${empty} messages without a value`];
        return {
          ...resolved,
          errors: resolved.errors.map((stage) => ({
            ...stage,
            records: stage.records.map((record) => this.located(record)),
          })),
          sources: resolved.sources.map((source) => ({
            ...source,
            name,
            records: source.records + empty,
            notes: [...source.notes, ...notes],
          })),
          dropped: empty === 0 ? resolved.dropped : [...resolved.dropped, { reason, count: empty }],
        };
      },
    };
  }

  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
  }

  private async flush(): Promise<void> {
    if (this.text.length > 0) await this.file.appendFile(Buffer.concat(this.text));
    this.text = [];
    this.gathered = 0;
  }

  /** The record with the place of its message instead of the file's. */
  private located(record: ErrorRecord): ErrorRecord {
    const [, start] = /:(\d+)-\d+$/.exec(record.source ?? "") ?? [];
    if (start === undefined) return record;
    let low = 0;
    for (let high = this.starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= Number(start)) low = middle;
      else high = middle;
    }
    return { ...record, source: `${this.partitions[low] ?? ""}@${this.offsets[low] ?? ""}` };
  }
}

const LINE_END = Buffer.from("\n");

/** JSON has no line end inside of a value, so a blank is the same between them. */
function oneLine(value: Uint8Array): Uint8Array {
  if (!value.includes(10) && !value.includes(13)) return value;
  return value.map((byte) => (byte === 10 || byte === 13 ? 32 : byte));
}
