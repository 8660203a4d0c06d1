// A node of a network, asked over HTTP: in Node and in browsers. A subpath of its own, as it is a
// hundredth of what reads and evaluates programs.
export type { Answers, QueryLevel, QueryOptions } from "./client/queries.ts";
export { ClientSession } from "./client/client-session.ts";
export { NodeClient } from "./client/node-client.ts";
export type {
  CallOptions,
  ClientOptions,
  Inserted,
  LiveChange,
  LiveRow,
  RelationInfo,
  SealState,
  ToSeal,
} from "./client/node-client.ts";
export {
  type KvCallOptions,
  type KvChange,
  KvClient,
  type KvKeys,
  type KvOptions,
  type KvPut,
  type KvPutOptions,
  type KvRemoved,
  type KvScanOptions,
  type KvWriteOptions,
} from "./client/kv-client.ts";
export { KvSocket, type KvSocketOptions, type SocketLike } from "./client/kv-socket.ts";
export type { KvBytes, KvCell, KvListed, KvValue, KvVersion } from "./client/kv-values.ts";
export {
  OrderedClient,
  type OrderedCheckpoint,
  type OrderedMember,
  type OrderedPlace,
  type OrderedProgress,
  type OrderedStatus,
  type TransactionEnd,
  type TransactionInfo,
  type TransactionOptions,
  TransactionUnknown,
} from "./client/ordered-client.ts";
export { NodeError } from "./client/node-error.ts";
export type { RetryOptions } from "./client/retry.ts";
export type { ClientTuple, ClientValue, Column } from "./client/values.ts";
