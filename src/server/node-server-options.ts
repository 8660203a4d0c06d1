import type { Backend } from "../codegen/backend.ts";
import type { Limits } from "../engine/limit.ts";
import type { FsyncPolicy } from "../runtime/node/durable-log.ts";
import type { Peer } from "../runtime/node/peer-network.ts";
import type { Fact } from "../transducer/fact.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { ApplicationOf } from "./application.ts";
import type { TlsFiles } from "./http/http-server.ts";
import type { Logger } from "./logger.ts";
import type { NodeProgram } from "./node-program.ts";
import type { OrderedOf } from "./ordered/ordered-of.ts";
import type { PageFiles } from "./page-routes.ts";
import type { ServiceLimits } from "./own-node.ts";

/** What a node is started with. */
export type NodeServerOptions = {
  readonly name: string;
  readonly program: NodeProgram;
  /** Of this build. */
  readonly version: string;
  /** The folder of the log. */
  readonly data: string;
  readonly fsync: FsyncPolicy;
  /** Whether the log is in memory: the node does not come back once its process has ended. */
  readonly ephemeral?: boolean;
  /** A port of 0 is any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Who the members are from the start, beside the node itself. */
  readonly peers: readonly Peer[];
  /** A member that is asked to admit the node, unless it is a member already. */
  readonly join?: string;
  /** Where the others reach it, where that is not where it listens. */
  readonly advertise?: string;
  readonly cluster: string;
  /** The secret of peers and clients. */
  readonly token?: string;
  /** That of clients, where they have another one. */
  readonly clientToken?: string;
  readonly tls?: TlsFiles;
  /** The sites whose pages may ask. */
  readonly origins: readonly string[];
  readonly backend: Backend;
  readonly functors: Implementations;
  readonly evaluation: Limits;
  readonly limits?: Partial<ServiceLimits>;
  /** The node's own share of the input, each part inserted once under its name. */
  readonly shares: readonly Share[];
  /** Whether they are all there is: the inputs are sealed then. */
  readonly sealsShares?: boolean;
  readonly logger: Logger;
  /** What is served beside the node itself. */
  readonly application?: ApplicationOf;
  /** The playground, which is served at `/ui/`, connected to the node. */
  readonly page?: PageFiles;
  /** The node's part of the ordered plane; it is closed with the node. */
  readonly ordered?: OrderedOf;
};

/** Facts that are inserted once, however often the node starts with them. */
export type Share = { readonly request: string; readonly facts: readonly Fact[] };
