// etcd as processes of this machine, for tests: members that are killed, stopped and cut off.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import { createServer, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether etcd is installed. */
function etcdInstalled(): boolean {
  try {
    execFileSync("etcd", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Files in PEM: what members show, and the certificates of clients that are let in. */
export type EtcdCertificates = {
  readonly cert: string;
  readonly key: string;
  readonly clients: readonly string[];
};

type Member = {
  readonly name: string;
  readonly args: readonly string[];
  readonly proxy: CutProxy;
  process: ChildProcess | undefined;
};

/** Members of one cluster; clients reach each through a proxy that can be cut. */
export class EtcdCluster {
  /** Where the members keep what they have. */
  readonly folder: string;
  private readonly scheme: "http" | "https";
  private readonly members: Member[];

  private constructor(folder: string, scheme: "http" | "https", members: Member[]) {
    this.folder = folder;
    this.scheme = scheme;
    this.members = members;
  }

  /** Starts members; with certificates clients are asked for theirs. */
  static async start(count: number, certificates?: EtcdCertificates): Promise<EtcdCluster> {
    const folder = await fs.mkdtemp(join(tmpdir(), "calm-etcd-"));
    const ports = await freePorts(2 * count);
    const scheme = certificates === undefined ? "http" : "https";
    const secured = certificates === undefined ? [] : await securedBy(certificates, folder);
    const clientOf = (at: number): string => `${scheme}://127.0.0.1:${ports[at]}`;
    const peerOf = (at: number): string => `http://127.0.0.1:${ports[count + at]}`;
    const all = Array.from({ length: count }, (_, at) => `m${at}=${peerOf(at)}`).join(",");
    const members = await Promise.all(
      Array.from({ length: count }, async (_, at): Promise<Member> => {
        const args = [
          ...["--name", `m${at}`, "--data-dir", join(folder, `m${at}`)],
          ...["--listen-client-urls", clientOf(at), "--advertise-client-urls", clientOf(at)],
          ...["--listen-peer-urls", peerOf(at), "--initial-advertise-peer-urls", peerOf(at)],
          ...secured,
          ...["--initial-cluster", all, "--initial-cluster-token", folder],
          ...["--heartbeat-interval", "50", "--election-timeout", "500"],
          ...["--logger", "zap", "--log-level", "error", "--log-outputs", "stderr"],
        ];
        const proxy = await CutProxy.start(ports[at] ?? 0);
        return { name: `m${at}`, args, proxy, process: undefined };
      }),
    );
    const cluster = new EtcdCluster(folder, scheme, members);
    for (let at = 0; at < count; at++) cluster.revive(at);
    return cluster;
  }

  /** Where clients reach the members. */
  get endpoints(): string[] {
    return this.members.map(({ proxy }) => `${this.scheme}://127.0.0.1:${proxy.port}`);
  }

  get size(): number {
    return this.members.length;
  }

  /** Ends a member as a loss of power does. */
  async kill(at: number): Promise<void> {
    const running = this.members[at]?.process;
    if (running === undefined) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGCONT");
    running.kill("SIGKILL");
    await ended;
  }

  /** Starts a member that is not running. */
  revive(at: number): void {
    const member = this.members[at];
    if (member === undefined || member.process !== undefined) return;
    const running = spawn("etcd", member.args, { stdio: "ignore" });
    member.process = running;
    running.once("exit", () => (member.process = undefined));
  }

  /** Stops a member, or lets it go on. */
  pause(at: number, paused: boolean): void {
    this.members[at]?.process?.kill(paused ? "SIGSTOP" : "SIGCONT");
  }

  /** Cuts clients off from a member, or no more. */
  cut(at: number, cut: boolean): void {
    this.members[at]?.proxy.cut(cut);
  }

  async stop(): Promise<void> {
    for (let at = 0; at < this.size; at++) await this.kill(at);
    for (const { proxy } of this.members) proxy.close();
    await fs.rm(this.folder, { recursive: true });
  }
}

/** The flags of members that show a certificate and want one. They are clients of themselves. */
async function securedBy(
  { cert, key, clients }: EtcdCertificates,
  folder: string,
): Promise<string[]> {
  const trusted = join(folder, "trusted.pem");
  const all = await Promise.all([cert, ...clients].map((file) => fs.readFile(file, "utf8")));
  await fs.writeFile(trusted, all.join(""));
  const own = ["--cert-file", cert, "--key-file", key];
  return [...own, "--trusted-ca-file", trusted, "--client-cert-auth"];
}

/** Passes bytes on to a port; while it is cut they are taken and go nowhere. */
class CutProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(target: number) {
    this.server = createServer((client) => {
      const upstream = connect(target, "127.0.0.1");
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(from);
        from.on("data", (bytes) => {
          if (!this.silent) to.write(bytes);
        });
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async start(target: number): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  cut(cut: boolean): void {
    this.silent = cut;
    // What was on its way when the bytes went nowhere does not come any more.
    if (!cut) for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
}

/** Whether tests of etcd cannot run here. Where all is to be tested, they have to. */
export function etcdMissing(): boolean {
  if (etcdInstalled() || process.env["CI"] !== undefined) return false;
  process.stderr.write("etcd is not installed (apt-get install etcd-server): not tested\n");
  return true;
}
