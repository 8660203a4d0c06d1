// A node as a process runs it: the node, its log, its peers, and its clients, on one port. It is
// long because all of them come together here, and are taken apart again, in order: each is in a
// file of its own, and what one tells the others goes through this one.
import { assert } from "../base/assert.ts";
import { CaughtUp } from "../runtime/node/caught-up.ts";
import type { DurableLog } from "../runtime/node/durable-log.ts";
import { loadIdentity } from "../runtime/node/identity.ts";
import { logLimits } from "../runtime/node/limits.ts";
import { loadPinnedKeys } from "../runtime/node/pinned-keys.ts";
import { type Members, presentNames } from "../transducer/membership.ts";
import { type Accepted, incarnationOf } from "../transducer/protocol.ts";
import type { Application } from "./application.ts";
import { settle } from "./hand-over.ts";
import { JoinedRows } from "./joined-rows.ts";
import { HttpServer, type TlsFiles } from "./http/http-server.ts";
import { Problem } from "./http/problem.ts";
import { admittedTo } from "./joining.ts";
import type { Logger } from "./logger.ts";
import { isLoopback } from "./loopback.ts";
import { formerMembers, peersAmong } from "./member-peers.ts";
import { NodeDriver, type StopCause } from "./node-driver.ts";
import {
  beginLife,
  type Heritage,
  type LifeEvents,
  type NodeLife,
  openNodeLog,
  type Signing,
  presentMembers,
} from "./node-life.ts";
import { nodeRoutes } from "./node-routes.ts";
import { keptInputs } from "./sealing-program.ts";
import type { NodeServerOptions, Share } from "./node-server-options.ts";
import type { NodeService } from "./node-service.ts";
import { serviceLimits } from "./own-node.ts";
import { ofOrderedPlane } from "./ordered/member-calls.ts";
import type { OrderedService } from "./ordered/service.ts";
import { OwnerAnswers } from "./owner-answers.ts";
import { Parts } from "./parts.ts";
import { PeerCalls } from "./peer-calls.ts";
import { relationSeals } from "./readiness.ts";
import { refusal } from "./routes/insert.ts";
import { livePath, LiveSockets } from "./routes/live.ts";
import type { Shards } from "./shards.ts";
import { Waits } from "./waits.ts";

/** A node that listens. */
export type RunningNode = {
  /** Where clients reach it, and peers with `ws` in place of `http`. */
  readonly url: string;
  readonly port: number;
  /** Resolves when the node cannot go on. */
  readonly failed: Promise<StopCause>;
  /** Shows another certificate to all who connect from now on. Throws where it is none. */
  certify(tls: TlsFiles): void;
  /** Stops it: finishes what was begun, and leaves the folder and the port. */
  close(): Promise<void>;
};

/** How often a node is told the time. */
const tickMs = 50;

/** How long requests may take to end when a node stops. */
const graceMs = 2_000;

/** Starts a node: reads its log, joins the network where it is told to, listens, and connects with
 * its peers. Throws a `LogError`; a `JoinError` where it is no member; a `StepFault` where what the
 * log holds cannot be evaluated; what listening throws. */
export async function startNode(options: NodeServerOptions): Promise<RunningNode> {
  let server: NodeServer | undefined;
  const log = await openNodeLog(options, {
    onFlushed: (count) => server?.driver.flushed(count),
    onFailed: (error) => server?.driver.stop({ kind: "log", error }),
  });
  try {
    sayRepairs(log, options.logger);
    const { data } = options;
    const signing = { identity: await loadIdentity(data), pins: await loadPinnedKeys(data) };
    const caughtUp = options.ephemeral === true ? new CaughtUp() : await CaughtUp.load(data);
    const { members, holds } = await admittedTo(options, signing.identity, log);
    // Before it is known here that the node is a member: a later start would not ask again.
    if (holds !== undefined) await caughtUp.waitFor(holds);
    server = new NodeServer(options, log, signing, caughtUp);
    return await server.start(members);
  } catch (error) {
    await server?.close();
    await options.ordered?.close();
    await log.close();
    throw error;
  }
}

function sayRepairs({ repairs }: DurableLog, logger: Logger): void {
  for (const { kind, ...fields } of repairs) logger.warn(`the log was repaired: ${kind}`, fields);
}

/** The parts of a node while they run together. */
class NodeServer {
  readonly driver: NodeDriver;
  private options: NodeServerOptions;
  private readonly signing: Signing;
  private readonly caughtUp: CaughtUp;
  private readonly service: NodeService;
  private readonly http: HttpServer;
  private readonly application: Application | undefined;
  private readonly calls: PeerCalls;
  private readonly waits = new Waits();
  private readonly own: OwnerAnswers | undefined;
  private readonly ordered: OrderedService | undefined;
  private life: NodeLife;
  private draining = false;
  private leaving = false;
  private settling = new AbortController();
  private listening = false;
  private fail: (cause: StopCause) => void = () => undefined;
  private readonly failed: Promise<StopCause>;
  private clock: NodeJS.Timeout | undefined;
  private renewal: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: NodeServerOptions, log: DurableLog, signing: Signing, caughtUp: CaughtUp) {
    this.options = options;
    this.signing = signing;
    this.caughtUp = caughtUp;
    this.failed = new Promise((resolve) => (this.fail = resolve));
    const { logger } = options;
    this.life = beginLife(options, signing, log, this.events(), { leaving: false });
    const { node, network } = this.life;
    this.driver = new NodeDriver({
      ...{ node, log, network, nowMs },
      queuedBytesMax: logLimits.queuedBytesMax,
      onChanges: (changes) => {
        const { live, told } = this.life;
        live.publish(
          changes.map((change) => ({ ...change, tuples: told(change.relation, change.tuples) })),
        );
        this.application?.changed(changes);
      },
      onMembers: (members) => {
        this.membersChanged(members);
      },
      onStalled: (peers) => {
        this.renew("messages are to be sent again", { to: peers.join(", ") });
      },
      onRefused: ({ message }) => {
        this.renew("a request could not be evaluated", { error: message });
      },
      onProgress: () => {
        this.waits.check();
        this.application?.progressed();
      },
      onStopped: (cause) => {
        if (cause.kind === "left") logger.info(stopText(cause));
        else logger.error(stopText(cause), { cause: cause.kind });
        this.fail(cause);
      },
    });
    this.calls = new PeerCalls({
      send: (peer, text) => this.life.network.sendText(peer, text),
      answer: (peer, ask) => this.answer(peer, ask),
      told: (peer, what) => this.ordered?.told(peer, what),
      onFault: (error) => {
        this.fault(error);
      },
    });
    const { service, own } = this.serviceOf();
    this.own = own;
    this.ordered = options.ordered?.start(service, {
      ask: (peer, what, answerMs) => this.calls.ask(peer, what, answerMs),
      tell: (peer, what) => this.calls.tell(peer, what),
      stop: (error) => {
        this.driver.stop({ kind: "ordered", error });
      },
    });
    this.service =
      this.ordered === undefined ? service : Object.assign(service, { ordered: this.ordered });
    this.application = options.application?.start(this.service);
    this.http = this.httpServer();
  }

  async start(admitted: Members): Promise<RunningNode> {
    const { listen, tls, logger } = this.options;
    const port = await this.http.listen(listen);
    this.listening = true;
    this.clock = setInterval(() => {
      this.driver.tick();
    }, tickMs);
    this.sayWhatIsAwaited();
    this.settle();
    const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
    const url = `${tls === undefined ? "http" : "https"}://${host}:${port}`;
    await this.driver.learn(admitted);
    await this.tellAddress(this.options.advertise ?? url.replace(/^http/, "ws"));
    const shares = this.insertShares();
    // Owners of its facts may wait for this node to say where it listens.
    if (this.service.parts === undefined) await shares;
    else
      shares.catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        logger.error(`the share of the input cannot be inserted: ${text}`);
      });
    return {
      ...{ url, port, failed: this.failed, close: () => this.close() },
      certify: (tls) => {
        this.certify(tls);
      },
    };
  }

  private certify(tls: TlsFiles): void {
    this.http.certify(tls);
    this.options = { ...this.options, tls };
    this.life.network.certify(tls);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    this.drain();
    this.settling.abort();
    await this.renewal;
    const { live, network } = this.life;
    live.close();
    this.service.parts?.close();
    this.own?.close();
    this.application?.close();
    this.waits.close();
    await this.ordered?.close();
    // Requests that wait for the disk are answered; peers are told goodbye.
    if (this.listening) await Promise.all([this.http.close(graceMs), network.close()]);
    else await network.close();
    this.calls.close();
    clearInterval(this.clock);
    await this.signing.pins.settled();
    await this.life.log.close();
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
    if (this.ordered !== undefined && ofOrderedPlane(ask)) return this.ordered.answer(peer, ask);
    if (this.own === undefined) throw new Problem(400, "bad-request", "the program is of one part");
    try {
      return await this.own.answer(peer, ask);
    } catch (error) {
      throw refusal(error, this.service);
    }
  }

  /** Tells the others where the node is reached, unless they know. */
  private async tellAddress(url: string): Promise<void> {
    const { name } = this.options;
    const { node } = this.life;
    const own = node.members.get(name);
    if (own === undefined || own.url === url) return;
    await this.driver.learn(new Map([[name, { ...own, url, life: incarnationOf(node.origin) }]]));
  }

  // ---- members, and new lives ----

  private membersChanged(news: Members): void {
    const { name, peers, logger, program } = this.options;
    const { node, network } = this.life;
    for (const [member, { epoch, status, key }] of news) {
      logger.info(`member ${member}: ${status}`, { epoch });
      if (key !== undefined && member !== name) this.signing.pins.pin(member, key);
    }
    for (const peer of peersAmong(node.members, name, peers)) network.add(peer);
    for (const [former, detail] of formerMembers(news)) network.remove(former, detail);
    if (news.get(name)?.status === "forgotten") {
      const error = new Error(formerMembers(news).get(name));
      this.driver.stop({ kind: "forgotten", error });
    }
    // One who has left is about to end.
    if (program.floods || !presentNames(node.members).includes(name)) return;
    const present = presentMembers(node.members, name, this.leaving);
    if (present.join(" ") === this.life.present.join(" ")) return;
    this.renew("members have changed", { members: present.join(", ") });
  }

  /** Begins a new life: all rules begin anew, with what the log holds. */
  private renew(why: string, fields: Parameters<Logger["info"]>[1]): void {
    const { options, signing, driver } = this;
    const { logger } = options;
    if (driver.renewing || this.closing !== undefined) return;
    logger.info(`begins a new life: ${why}`, fields);
    this.renewal = driver.renew(async () => {
      const before = this.life;
      await before.network.close();
      await before.log.close();
      const log = await openNodeLog(options, this.events(), before.log);
      try {
        sayRepairs(log, logger);
        this.life = beginLife(options, signing, log, this.events(), this.heritage(before));
      } catch (error) {
        await log.close();
        throw error;
      }
      before.live.close();
      this.service.parts?.close();
      this.settle();
      return this.life;
    });
  }

  /** What the next life has of the one before. */
  private heritage({ shards, transducer, node, present }: NodeLife): Heritage {
    const { leaving } = this;
    const former = shards?.former ?? "unknown";
    if (this.driver.spoilt) {
      // It holds what does not hold; with the same owners all else follows from the log.
      const same =
        presentMembers(node.members, this.options.name, leaving).join() === present.join();
      return same && former !== "unknown" ? { leaving, former } : { leaving };
    }
    const known = former === "unknown" ? {} : { former: [...former, transducer] };
    return { leaving, before: transducer, ...known };
  }

  /** Learns when what moves between nodes has come to its owners. */
  private settle(): void {
    const { shards } = this.life;
    const { parts } = this.service;
    this.settling.abort();
    this.settling = new AbortController();
    if (shards === undefined || shards.settled || parts === undefined || this.leaving) return;
    settle(shards, parts, this.settling.signal).then(
      (settled) => {
        if (settled) this.options.logger.info("all tuples are at their owners");
      },
      (error: unknown) => {
        this.fault(error);
      },
    );
  }

  /** Begins a life in which the node owns nothing: all that it has goes to those who stay. */
  private async handOver(): Promise<void> {
    await this.renewal;
    if (this.life.shards === undefined || this.leaving) return;
    this.leaving = true;
    this.renew("the node is to leave", {});
    await this.renewal;
  }

  private events(): LifeEvents {
    return {
      onFlushed: (count) => {
        this.driver.flushed(count);
      },
      onFailed: (error) => {
        this.driver.stop({ kind: "log", error });
      },
      onConnected: (peer) => {
        this.driver.connected(peer);
      },
      onDisconnected: (peer) => {
        this.driver.disconnected(peer);
        this.calls.disconnected(peer);
        this.own?.disconnected(peer);
      },
      taken: (origin) => this.driver.taken(origin),
      unread: (relation) => this.application?.unread?.(relation) === true,
      onText: (peer, text) => this.calls.take(peer, text),
      onFrame: (peer, frame) => {
        this.driver.frame(peer, frame);
      },
      onPeerEvent: (event) => {
        const { kind, ...fields } = event;
        const { logger } = this.options;
        if (event.kind === "refused" && event.remote && event.reason === "no-member")
          logger.error(`peer refused: ${event.detail}`, { peer: event.peer });
        else logger.info(`peer ${kind}`, fields);
      },
    };
  }

  // ---- clients ----

  private serviceOf(): { readonly service: NodeService; readonly own: OwnerAnswers | undefined } {
    const { name, version, program, functors, logger, limits, cluster, data } = this.options;
    const { application } = this.options;
    const life = (): NodeLife => this.life;
    const service: NodeService = {
      ...{ name, version, program, functors, cluster, logger, data, nowMs },
      get node() {
        return life().node;
      },
      get transducer() {
        return life().transducer;
      },
      get network() {
        return life().network;
      },
      get log() {
        return life().log;
      },
      get live() {
        return life().live;
      },
      ...{ pins: this.signing.pins, driver: this.driver, waits: this.waits },
      caughtUp: this.caughtUp,
      reserved: application?.reserved ?? new Set(),
      limits: { ...serviceLimits, ...limits },
      startedMs: nowMs(),
      draining: () => this.draining,
      drain: () => {
        this.drain();
      },
      handOver: () => this.handOver(),
    };
    if (this.life.shards === undefined) return { service, own: undefined };
    const shards = (): Shards => {
      const now = this.life.shards;
      assert(now !== undefined, "a program in parts is so in each life");
      return now;
    };
    const { backend, evaluation } = this.options;
    const rows = new JoinedRows(program.program, { backend, functors, limits: evaluation });
    const own = new OwnerAnswers(Object.assign(service, { shards, rows }));
    const parts = new Parts({ name, program, shards, own, rows, calls: this.calls });
    return { service: Object.assign(service, { parts }), own };
  }

  private httpServer(): HttpServer {
    const { token, clientToken, origins, tls, listen, page } = this.options;
    const sockets = new LiveSockets(this.service);
    const loopback = isLoopback(listen.host);
    return new HttpServer({
      routes: nodeRoutes(this.service, this.application?.routes, page),
      access: {
        ...{ origins, loopback },
        ...(token !== undefined && { token }),
        ...(clientToken !== undefined && { clientToken }),
      },
      ...{ tls, limits: this.service.limits },
      peer: (request, socket, head) => this.life.network.upgrade(request, socket, head),
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
      onRefused: ({ from, why, others }) => {
        const more = others === 0 ? {} : { others };
        this.options.logger.warn("a connection was refused", { from, why, ...more });
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

function nowMs(): number {
  return performance.now();
}

/** Why a node does not go on, in words. */
function stopText(cause: StopCause): string {
  switch (cause.kind) {
    case "log":
      return `the log cannot be written: ${cause.error.message}`;
    case "left":
    case "forgotten":
      return cause.error.message;
    case "ordered":
      return `the ordered plane cannot go on: ${cause.error.message}`;
    case "evaluation":
      return `what peers sent, or the log holds, cannot be evaluated: ${cause.error.message}`;
    case "fault": {
      const { error } = cause;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return `our own mistake, please report it: ${text}`;
    }
  }
}
