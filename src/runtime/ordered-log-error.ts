/** A log of the ordered plane that cannot be opened, or cannot do what it was asked for. The
 * message says where, why, and what can be done. */
export class OrderedLogError extends Error {
  readonly code: OrderedLogErrorCode;

  constructor(code: OrderedLogErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "OrderedLogError";
    this.code = code;
  }
}

/** Why a log of the ordered plane does not do what it was asked for.
 * `in-use`: another process holds the folder. `other-program`: its records are of another program.
 * `unknown-format`: a later version wrote it. `damaged`: what it holds is not what was written.
 * `disk-full`, `disk-failed`: the disk, or etcd's, did not take a write. `truncated`: the epochs
 * that are asked for were cut off. `too-large`: a record is above `recordBytesMax`. `follower`: the
 * log follows another one, and takes no appends. `fenced`: another log has taken its place.
 * `diverged`: a follower has epochs that its leader has not. `refused`: etcd lets not, or not so.
 * `unreachable`: no node that leads the log answers, or
 * no member of etcd. `closed`: it was closed. */
export type OrderedLogErrorCode =
  | "in-use"
  | "other-program"
  | "unknown-format"
  | "damaged"
  | "disk-full"
  | "disk-failed"
  | "truncated"
  | "too-large"
  | "follower"
  | "fenced"
  | "diverged"
  | "refused"
  | "unreachable"
  | "closed";
