// Nodes for tests, in this process, on ports that are free and folders that go away.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { compiled } from "../../src/codegen/backend.ts";
import { assert } from "../../src/base/assert.ts";
import { loggerOf } from "../../src/server/logger.ts";
import {
  nodeProgram,
  type NodeProgram,
  type NodeProgramOptions,
} from "../../src/server/node-program.ts";
import { type RunningNode, startNode } from "../../src/server/node-server.ts";
import type { NodeServerOptions } from "../../src/server/node-server-options.ts";

export const closure = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path`;

/** The distances of a graph, in parts: those to a node are at its owner. */
export const distances = `
  .decl edge(x: number, y: number) partition(x)
  .input edge
  .decl near(x: number, y: number, d: Min<>) partition(y)
  near(x, y, 1) :- edge(x, y).
  near(x, z, d + 1) :- near(x, y, d), edge(y, z).
  .output near`;

/** Returns the program of a text, which nodes may run. */
export function programOf(text: string, options: NodeProgramOptions = {}): NodeProgram {
  const { program, diagnostics } = nodeProgram(text, {}, options);
  assert(program !== undefined, diagnostics.map(({ message }) => message).join("; "));
  return program;
}

/** What a test does with nodes: those that it leaves open are closed, and their folders removed. */
export class TestNodes {
  readonly logged: string[] = [];
  private readonly running = new Set<RunningNode>();
  private readonly folders: string[] = [];

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), "calm-node-"));
    this.folders.push(folder);
    return folder;
  }

  async start(text: string, options: Partial<NodeServerOptions> = {}): Promise<RunningNode> {
    const name = options.name ?? "a";
    const node = await startNode({
      name,
      program: options.program ?? programOf(text),
      version: "0.0.0-test",
      data: options.data ?? this.folder(),
      fsync: "always",
      listen: { host: "127.0.0.1", port: 0 },
      peers: [],
      cluster: "test",
      origins: [],
      backend: compiled,
      functors: {},
      evaluation: {},
      shares: [],
      logger: loggerOf({
        ...{ format: "text", level: "debug", node: name },
        write: (line) => void this.logged.push(line),
        now: () => new Date(0),
      }),
      ...options,
    });
    this.running.add(node);
    return node;
  }

  async stop(node: RunningNode): Promise<void> {
    this.running.delete(node);
    await node.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.running].map((node) => node.close()));
    this.running.clear();
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true });
  }
}

/** What a node answered. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON, where it is. */
  readonly body: unknown;
};

/** Asks a node. */
export async function ask(
  node: RunningNode,
  path: string,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(`${node.url}${path}`, init);
  const text = await response.text();
  const json = /[/+]json$/.test(response.headers.get("content-type") ?? "");
  const body: unknown = json && text !== "" ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body };
}

/** Sends facts to a node, as JSON. */
export function send(
  node: RunningNode,
  relation: string,
  tuples: readonly unknown[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(node, `/v1/facts/${relation}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(tuples),
  });
}
