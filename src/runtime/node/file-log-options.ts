import type { Files } from "./files.ts";

/** The limits of a log on the disk. */
export type FileLogLimits = {
  /** One record. */
  readonly recordBytesMax: number;
  /** A segment is ended once it has so many bytes: a truncation removes whole segments. */
  readonly segmentBytes: number;
  /** The newest records are kept in memory, up to so many. */
  readonly recentRecords: number;
};

/** The limits of a log on the disk unless others are given. */
export const fileLogLimits: FileLogLimits = {
  recordBytesMax: 1 << 20,
  segmentBytes: 16 << 20,
  recentRecords: 1 << 8,
};

/** What a log on the disk is opened with. */
export type FileLogOptions = {
  /** The hash of the program: a log is of one program. */
  readonly program: string;
  /** What a new folder is to be; a folder that is there has to be that. A leader unless given. One
   * that followed and was promoted leads, whatever is given. */
  readonly role?: "leader" | "follower";
  readonly limits?: Partial<FileLogLimits>;
  /** The disk; the machine's unless given. */
  readonly files?: Files;
};
