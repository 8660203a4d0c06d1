// A node of a network, asked over HTTP: in Node and in browsers. A subpath of its own, as it is a
// hundredth of what reads and evaluates programs.
export { NodeClient } from "./client/node-client.ts";
export type {
  Answers,
  CallOptions,
  ClientOptions,
  Inserted,
  LiveChange,
  LiveRow,
  RelationInfo,
  SealState,
  ToSeal,
} from "./client/node-client.ts";
export { NodeError } from "./client/node-error.ts";
export type { RetryOptions } from "./client/retry.ts";
export type { ClientTuple, ClientValue, Column } from "./client/values.ts";
