// A node as a process runs it: the node, its log, its peers, and its clients, on one port.
import type { Backend } from "../codegen/backend.ts";
import type { Limits } from "../engine/limit.ts";
import { connectPeers } from "../runtime/node/connect-peers.ts";
import type { DurableLog, FsyncPolicy } from "../runtime/node/durable-log.ts";
import { type Identity, loadIdentity } from "../runtime/node/identity.ts";
import { logLimits } from "../runtime/node/limits.ts";
import { openLog } from "../runtime/node/open-log.ts";
import type { Peer, PeerNetwork } from "../runtime/node/peer-network.ts";
import { loadPinnedKeys, type PinnedKeys } from "../runtime/node/pinned-keys.ts";
import { signerOf } from "../runtime/node/signing.ts";
import type { Accepted } from "../transducer/protocol.ts";
import type { Fact } from "../transducer/fact.ts";
import { IncrementalTransducer } from "../transducer/incremental.ts";
import { sealedKeys } from "../transducer/key-seals.ts";
import { Node } from "../transducer/node.ts";
import { ownerFunctors, Owners } from "../transducer/owners.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Application, ApplicationOf } from "./application.ts";
import { HttpServer, type TlsFiles } from "./http/http-server.ts";
import { Problem } from "./http/problem.ts";
import { LiveRelation, type LiveSchema } from "./live-relation.ts";
import { LiveRelations } from "./live.ts";
import type { Logger } from "./logger.ts";
import { isLoopback } from "./loopback.ts";
import { NodeDriver, type StopCause } from "./node-driver.ts";
import type { NodeProgram } from "./node-program.ts";
import { nodeRoutes } from "./node-routes.ts";
import { keptInputs } from "./sealing-program.ts";
import { type NodeService, type ServiceLimits, serviceLimits } from "./node-service.ts";
import { OwnerAnswers } from "./owner-answers.ts";
import { Parts } from "./parts.ts";
import { PeerCalls } from "./peer-calls.ts";
import { relationSeals } from "./readiness.ts";
import { refusal } from "./routes/insert.ts";
import { livePath, LiveSockets } from "./routes/live.ts";
import { Shards } from "./shards.ts";

/** What a node is started with. */
export type NodeServerOptions = {
  readonly name: string;
  readonly program: NodeProgram;
  /** Of this build. */
  readonly version: string;
  /** The folder of the log. */
  readonly data: string;
  readonly fsync: FsyncPolicy;
  /** A port of 0 is any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly peers: readonly Peer[];
  readonly cluster: string;
  /** The secret of peers and clients. */
  readonly token?: string;
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
};

/** Facts that are inserted once, however often the node starts with them. */
export type Share = { readonly request: string; readonly facts: readonly Fact[] };

/** A node that listens. */
export type RunningNode = {
  /** Where clients reach it, and peers with `ws` in place of `http`. */
  readonly url: string;
  readonly port: number;
  /** Resolves when the node cannot go on. */
  readonly failed: Promise<StopCause>;
  /** Stops it: finishes what was begun, and leaves the folder and the port. */
  close(): Promise<void>;
};

/** How often a node is told the time. */
const tickMs = 50;

/** How long requests may take to end when a node stops. */
const graceMs = 2_000;

/** Starts a node: reads its log, listens, and connects with its peers. Throws a `LogError`; a
 * `StepFault` where what the log holds cannot be evaluated; what listening throws. */
export async function startNode(options: NodeServerOptions): Promise<RunningNode> {
  const { name, program, data, fsync, logger } = options;
  let server: NodeServer | undefined;
  const log = await openLog(data, {
    ...{ name, fsync, program: program.hash, schema: program.schema },
    kept: program.network.roles.map(({ kept }) => kept),
    onFlushed: (count) => server?.driver.flushed(count),
    onFailed: (error) => server?.driver.stop({ kind: "log", error }),
  });
  try {
    for (const { kind, ...fields } of log.repairs)
      logger.warn(`the log was repaired: ${kind}`, fields);
    const signing = { identity: await loadIdentity(data), pins: await loadPinnedKeys(data) };
    server = new NodeServer(options, log, signing);
    return await server.start();
  } catch (error) {
    await server?.close();
    await log.close();
    throw error;
  }
}

/** With what a node signs what it accepts, and checks what others say that they did. */
type Signing = { readonly identity: Identity; readonly pins: PinnedKeys };

/** The parts of a node while they run together. */
class NodeServer {
  readonly driver: NodeDriver;
  private readonly options: NodeServerOptions;
  private readonly service: NodeService;
  private readonly http: HttpServer;
  private readonly application: Application | undefined;
  private readonly pins: PinnedKeys;
  private readonly calls: PeerCalls;
  private readonly own: OwnerAnswers | undefined;
  private draining = false;
  private listening = false;
  private fail: (cause: StopCause) => void = () => undefined;
  private readonly failed: Promise<StopCause>;
  private clock: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: NodeServerOptions, log: DurableLog, signing: Signing) {
    this.options = options;
    this.failed = new Promise((resolve) => (this.fail = resolve));
    const { name, version, program, logger } = options;
    const { node, transducer } = nodeOf(options, log, signing);
    const nowMs = (): number => performance.now();
    const reserved = options.application?.reserved ?? new Set<number>();
    const shards = program.parts && new Shards(program.parts, name, membersOf(options));
    const told: Told = (relation, tuples) => shards?.told(relation, tuples) ?? tuples;
    const live = new LiveRelations(liveRelations(program, node, reserved, told));
    const network = this.connected(log.incarnation, signing);
    this.pins = signing.pins;
    this.driver = new NodeDriver({
      ...{ node, log, network, nowMs },
      queuedBytesMax: logLimits.queuedBytesMax,
      onChanges: (changes) => {
        live.publish(
          changes.map((change) => ({ ...change, tuples: told(change.relation, change.tuples) })),
        );
        this.application?.changed(changes);
      },
      onProgress: () => this.application?.progressed(),
      onStopped: (cause) => {
        logger.error(stopText(cause), { cause: cause.kind });
        this.fail(cause);
      },
    });
    this.calls = new PeerCalls({
      send: (peer, text) => network.sendText(peer, text),
      answer: (peer, ask) => this.answer(peer, ask),
      onFault: (error) => {
        this.fault(error);
      },
    });
    const service: NodeService = {
      ...{ name, version, program, node, transducer, network, log, live, logger, nowMs },
      ...{ driver: this.driver, reserved },
      functors: options.functors,
      limits: { ...serviceLimits, ...options.limits },
      startedMs: nowMs(),
      draining: () => this.draining,
      drain: () => {
        this.drain();
      },
    };
    this.service = service;
    if (shards !== undefined) {
      const now = (): Shards => shards;
      const own = new OwnerAnswers({ ...service, shards: now });
      this.own = own;
      const parts = new Parts({ name, program, shards: now, own, calls: this.calls });
      this.service = { ...service, parts };
    }
    this.application = options.application?.start(this.service);
    this.http = this.httpServer();
  }

  async start(): Promise<RunningNode> {
    const { listen, tls, logger } = this.options;
    const port = await this.http.listen(listen);
    this.listening = true;
    this.clock = setInterval(() => {
      this.driver.tick();
    }, tickMs);
    this.sayWhatIsAwaited();
    const shares = this.insertShares();
    // Owners of its facts may wait for this node to say where it listens.
    if (this.service.parts === undefined) await shares;
    else
      shares.catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        logger.error(`the share of the input cannot be inserted: ${text}`);
      });
    const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
    const url = `${tls === undefined ? "http" : "https"}://${host}:${port}`;
    return { url, port, failed: this.failed, close: () => this.close() };
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    this.drain();
    const { live, network, log } = this.service;
    live.close();
    this.service.parts?.close();
    this.own?.close();
    this.application?.close();
    // Requests that wait for the disk are answered; peers are told goodbye.
    if (this.listening) await Promise.all([this.http.close(graceMs), network.close()]);
    else await network.close();
    this.calls.close();
    clearInterval(this.clock);
    await this.pins.settled();
    await log.close();
  }

  private drain(): void {
    if (!this.draining) this.options.logger.info("takes no more facts of clients");
    this.draining = true;
  }

  private sayWhatIsAwaited(): void {
    const { service, driver } = this;
    const { logger } = this.options;
    if (service.node.complete) return;
    const awaited = relationSeals(service).filter((seals) => seals.awaited);
    const relations = awaited.map(({ relation }) => relation).join(", ");
    logger.info("answers once its input is sealed", { relations });
    driver.onReady(
      () => {
        logger.info("has all input: answers from now on");
      },
      () => undefined,
    );
  }

  private async insertShares(): Promise<void> {
    const { shares, program, logger } = this.options;
    const taken = await Promise.all(shares.map((share) => this.insertShare(share)));
    if (this.closing !== undefined) return;
    const facts = taken.flat().reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const where = this.service.parts === undefined ? "holds" : "has inserted";
    if (shares.length > 0) logger.info(`${where} its share of the input`, { facts });
    if (this.options.sealsShares !== true) return;
    const inputs = keptInputs(program.program, program.network);
    await this.driver.seal("seal share", inputs);
    logger.info("has sealed its share of the input");
  }

  /** Inserts a share here, or at the owners of its facts, which are waited for. */
  private async insertShare({ request, facts }: Share): Promise<readonly Accepted[]> {
    const { parts } = this.service;
    if (parts === undefined) return [await this.driver.insert(request, facts)];
    while (this.closing === undefined)
      try {
        return await parts.insert(request, facts);
      } catch (error) {
        if (!(error instanceof Problem) || error.status < 429) throw error;
        await new Promise((resolve) => setTimeout(resolve, tickMs));
      }
    return [];
  }

  private async answer(peer: string, ask: unknown): Promise<unknown> {
    if (this.own === undefined) throw new Problem(400, "bad-request", "the program is of one part");
    try {
      return await this.own.answer(peer, ask);
    } catch (error) {
      throw refusal(error, this.service);
    }
  }

  private connected(incarnation: number, signing: Signing): PeerNetwork {
    const { name, program, cluster, peers, token, tls, logger } = this.options;
    return connectPeers({
      ...{ name, cluster, peers, incarnation, signing },
      ...{ program: program.hash, schema: program.schema },
      ...(token !== undefined && { token }),
      ...(tls !== undefined && { tls }),
      onConnected: (peer) => {
        this.driver.connected(peer);
      },
      onDisconnected: (peer) => {
        this.driver.disconnected(peer);
        this.calls.disconnected(peer);
        this.own?.disconnected(peer);
      },
      onText: (peer, text) => this.calls.take(peer, text),
      onFrame: (peer, frame) => {
        this.driver.frame(peer, frame);
      },
      onEvent: ({ kind, ...fields }) => {
        logger.info(`peer ${kind}`, fields);
      },
    });
  }

  private httpServer(): HttpServer {
    const { token, origins, tls, listen } = this.options;
    const sockets = new LiveSockets(this.service);
    const loopback = isLoopback(listen.host);
    return new HttpServer({
      routes: nodeRoutes(this.service, this.application?.routes),
      access: { origins, loopback, ...(token !== undefined && { token }) },
      tls,
      peer: (request, socket, head) => this.service.network.upgrade(request, socket, head),
      client: (request, socket, head, match) => {
        const upgrade = this.application?.upgrades.get(match.route.path);
        if (upgrade !== undefined) {
          upgrade(request, socket, head, match);
          return;
        }
        if (match.route.path !== livePath)
          throw new Problem(400, "bad-request", `${match.route.path} is asked by HTTP alone`);
        sockets.upgrade(request, socket, head, match);
      },
      onFault: (error) => {
        this.fault(error);
      },
    });
  }

  private fault(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.options.logger.error("a request met a mistake of ours", { error: text });
  }
}

function nodeOf(
  options: NodeServerOptions,
  { incarnation, records }: DurableLog,
  { identity }: Signing,
) {
  const { name, program, backend, functors, evaluation } = options;
  const { network, plan, grows, floods, onDemand, question, sealing, parts } = program;
  const peers = options.peers.map((peer) => peer.name);
  const members = membersOf(options);
  const owning = ownerFunctors(plan.functors, new Owners(members));
  const evaluated = { backend, functors: { ...functors, ...owning }, limits: evaluation };
  const how = { network, plan, grows, onDemand, question, ...evaluated };
  const transducer = new IncrementalTransducer(how, name, members);
  const kept = network.roles.map((role) => role.kept);
  const { relation, awaited, rules, early } = sealing;
  const names = network.roles.map((role) => role.name);
  const { cluster } = options;
  const sign = signerOf(identity, { cluster, program: program.hash, schema: program.schema });
  const settings = {
    ...{ name, incarnation, peers, transducer, kept, floods, sign },
    ...(parts && { sealed: sealedKeys(parts, (fact) => transducer.has(fact)) }),
    sealing: {
      ...{ relation, names, members, rules },
      ...(awaited && { awaited }),
      ...(early && {
        early: {
          transducer: new IncrementalTransducer({ ...evaluated, ...early }, name, members),
          reads: early.relations,
        },
      }),
    },
  };
  return { transducer, node: new Node(settings, records) };
}

/** The names of all nodes, this one too. */
function membersOf({ name, peers }: NodeServerOptions): string[] {
  return [name, ...peers.map((peer) => peer.name)].toSorted();
}

/** Those of a relation's tuples that this node tells of. */
type Told = (relation: number, tuples: readonly Fact["values"][]) => readonly Fact["values"][];

/** The outputs, as those who follow them see them. */
function liveRelations(
  { program, verdict, network }: NodeProgram,
  node: Node,
  reserved: ReadonlySet<number>,
  told: Told,
) {
  const { structures, relations } = program;
  const life = node.origin.slice(node.origin.lastIndexOf("/") + 1);
  return new Map(
    network.roles.flatMap(({ output, snapshot }, at): [number, LiveRelation][] => {
      const relation = relations[at];
      if (!output || relation === undefined || reserved.has(at)) return [];
      const { name, attributes, lattices = [] } = relation;
      const mode = snapshot ? "view" : lattices.length > 0 ? "rows" : "additions";
      const schema: LiveSchema = {
        ...{ name, attributes, structures, mode, latticeColumns: lattices.length },
        final: verdict.relations[at]?.final === true,
      };
      return [[at, new LiveRelation(schema, life, () => told(at, node.tuples(at)))]];
    }),
  );
}

/** Why a node does not go on, in words. */
function stopText(cause: StopCause): string {
  switch (cause.kind) {
    case "log":
      return `the log cannot be written: ${cause.error.message}`;
    case "evaluation":
      return `an evaluation went wrong: ${cause.error.message}`;
    case "fault": {
      const { error } = cause;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return `our own mistake, please report it: ${text}`;
    }
  }
}
