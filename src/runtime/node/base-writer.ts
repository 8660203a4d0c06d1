import { join } from "node:path";

import type { LogRecord } from "../../transducer/protocol.ts";
import { type AppendedFile, type Files, writeAll } from "./files.ts";
import { baseFile } from "./log-folder.ts";
import type { LogFormat } from "./record-bytes.ts";
import { SegmentWriter } from "./segment.ts";

/** Bytes that are collected before they are written. */
const chunkBytes = 1 << 20;

/** Writes the base of a log: records in files of their own, which count once the folder says so. */
export class BaseWriter {
  private readonly folder: string;
  private readonly tail: number;
  private readonly format: LogFormat;
  private readonly files: Files;
  private segment: SegmentWriter<LogRecord> | undefined;
  private file: AppendedFile | undefined;
  private chunk: Uint8Array[] = [];
  private chunkLength = 0;
  private partCount = 0;
  private byteCount = 0;

  constructor(folder: string, tail: number, format: LogFormat, files: Files) {
    this.folder = folder;
    this.tail = tail;
    this.format = format;
    this.files = files;
  }

  /** How many files were written. */
  get parts(): number {
    return this.partCount;
  }

  /** How many bytes were written. */
  get bytes(): number {
    return this.byteCount;
  }

  async add(record: LogRecord): Promise<void> {
    const segment = this.segment ?? (await this.begin());
    this.push(segment.record(record, 0));
    if (this.chunkLength >= chunkBytes) await this.flush();
    if (segment.bytes >= this.format.limits.segmentBytes) await this.end();
  }

  /** Makes all that was added durable. */
  async finish(): Promise<void> {
    await this.end();
    await this.files.syncFolder(this.folder);
  }

  /** Closes what is open, after a failure. */
  async abandon(): Promise<void> {
    await this.file?.close().catch(() => undefined);
    this.file = undefined;
  }

  private async begin(): Promise<SegmentWriter<LogRecord>> {
    const name = baseFile(this.tail, ++this.partCount);
    const path = join(this.folder, name);
    await this.files.remove(path);
    this.file = await this.files.create(path);
    this.segment = new SegmentWriter(name, this.format);
    this.push(this.segment.begin());
    return this.segment;
  }

  private push(bytes: Uint8Array): void {
    this.chunk.push(bytes);
    this.chunkLength += bytes.length;
  }

  private async flush(): Promise<void> {
    const bytes = Buffer.concat(this.chunk);
    this.chunk = [];
    this.chunkLength = 0;
    this.byteCount += bytes.length;
    if (this.file !== undefined) await writeAll(this.file, bytes);
  }

  private async end(): Promise<void> {
    if (this.file === undefined) return;
    await this.flush();
    await this.file.sync();
    await this.file.close();
    this.file = undefined;
    this.segment = undefined;
  }
}
