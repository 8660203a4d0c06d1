// A session that is connected with a node is its client: facts go there, goals are asked there, and
// what becomes of outputs is printed as it comes.
import { type LiveChange, NodeClient, type RelationInfo } from "../client/node-client.ts";
import { NodeError } from "../client/node-error.ts";
import type { ClientTuple, Column } from "../client/values.ts";
import { Database } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { clientTuple, clientValue } from "./client-text.ts";
import { Refusal } from "./world.ts";

/** An answer of a node, as a session shows answers. */
export type RemoteAnswer = { readonly relation: Relation; readonly values: Values };

/** A node that a session is connected with. */
export class Remote {
  readonly url: string;
  readonly relations: readonly RelationInfo[];
  private readonly client: NodeClient;
  /** Comes back when a connection is lost. */
  private readonly follower: NodeClient;
  private readonly followed = new Map<string, AbortController>();

  private constructor(url: string, relations: readonly RelationInfo[], token: string | undefined) {
    this.url = url;
    this.relations = relations;
    this.client = clientOf(url, token);
    this.follower = new NodeClient(url, token === undefined ? {} : { token });
  }

  /** Connects with the node at a URL; refuses where none answers. */
  static async of(url: string, token: string | undefined): Promise<Remote> {
    if (!/^https?:\/\/[^/]/.test(url))
      throw new Refusal(`"${url}" is no address of a node`, "`.connect http://127.0.0.1:7411`");
    const relations = await answered(url, () => clientOf(url, token).relations());
    return new Remote(url, relations, token);
  }

  /** The machine and the port. */
  get host(): string {
    return new URL(this.url).host;
  }

  /** The columns of a relation; refuses a name that the node's program has not. */
  columns(name: string): readonly Column[] {
    const found = this.relations.find((one) => one.name === name);
    if (found !== undefined) return found.columns;
    throw new Refusal(`the node has no relation "${name}"`, "`.rels` lists what it has");
  }

  /** Inserts tuples; resolves when they are durable there. */
  async insert(relation: string, tuples: readonly ClientTuple[]): Promise<void> {
    await answered(this.url, () => this.client.insert(relation, tuples));
  }

  /** Asks a goal. */
  async query(goal: string) {
    const answers = await answered(this.url, () => this.client.query(goal));
    return { ...answers, shown: answerOf(goal, answers.columns, answers.tuples) };
  }

  /** Asks why what fits a goal holds, or why a tuple does not. */
  why(goal: string, depth: number, absence: boolean) {
    return answered(this.url, () => this.client.why(goal, { depth, absence }));
  }

  /** Asks how the node does. */
  status() {
    return answered(this.url, () => this.client.status());
  }

  /** How many tuples the node has of each relation now. */
  sizes(): Promise<readonly RelationInfo[]> {
    return answered(this.url, () => this.client.relations());
  }

  /** The tuples of a relation. */
  async tuples(name: string): Promise<RemoteAnswer> {
    const columns = this.columns(name);
    const found: ClientTuple[] = [];
    await answered(this.url, async () => {
      for await (const tuple of this.client.relation(name)) found.push(tuple);
    });
    return answerOf(name, columns, found);
  }

  /** Has what an output holds, and then becomes, told line by line. Resolves when all that there is
   * has been told. */
  async follow(name: string, tell: (line: string) => void): Promise<void> {
    this.columns(name);
    if (this.followed.has(name)) throw new Refusal(`"${name}" is followed already`);
    const stop = new AbortController();
    this.followed.set(name, stop);
    const changes = this.follower.subscribe(name, { signal: stop.signal });
    await answered(this.url, async () => {
      try {
        for (;;) {
          const { value, done } = await changes.next();
          if (done === true || value.kind === "current") break;
          for (const line of changeLines(name, value)) tell(line);
        }
      } catch (error) {
        this.followed.delete(name);
        throw error;
      }
    });
    void this.goOn(name, changes, stop.signal, tell);
  }

  /** Follows no output any more; returns which were. */
  unfollow(): readonly string[] {
    const names = [...this.followed.keys()];
    for (const stop of this.followed.values()) stop.abort();
    this.followed.clear();
    return names;
  }

  private async goOn(
    name: string,
    changes: AsyncGenerator<LiveChange, void, undefined>,
    signal: AbortSignal,
    tell: (line: string) => void,
  ): Promise<void> {
    try {
      for await (const change of changes) for (const line of changeLines(name, change)) tell(line);
    } catch (error) {
      this.followed.delete(name);
      if (!signal.aborted) tell(`${name} is followed no more: ${(error as Error).message}`);
    }
  }
}

function clientOf(url: string, token: string | undefined): NodeClient {
  return new NodeClient(url, { ...(token !== undefined && { token }), retry: { attemptsMax: 1 } });
}

/** What a node answers; its problems, and that there is none, are refusals. */
async function answered<T>(url: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NodeError) {
      const more = error.errors.map(({ message }) => String(message)).slice(0, 3);
      const text = [error.message, ...more.filter((one) => one !== error.message)].join("; ");
      throw new Refusal(text, error.hint);
    }
    if (!(error instanceof TypeError)) throw error;
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
    throw new Refusal(`no node answers at ${url}: ${cause?.code ?? error.message}`);
  }
}

function changeLines(name: string, change: LiveChange): readonly string[] {
  const fact = (tuple: ClientTuple): string => `${name}${clientTuple(tuple)}`;
  switch (change.kind) {
    case "reset":
      return [`${name}: all there is follows`];
    case "added":
      return change.tuples.map((tuple) => `+${fact(tuple)}`);
    case "changed":
      return change.rows.map(({ key, old, new: now }) => {
        const was = old === null ? "" : `, was ${old.map(clientValue).join(", ")}`;
        return `+${fact([...key, ...now])}${was}`;
      });
    case "viewed":
      return [
        ...change.removed.map((tuple) => `-${fact(tuple)}`),
        ...change.tuples.map((tuple) => `+${fact(tuple)}`),
      ];
    case "current":
      return [];
  }
}

/** A relation of what a node has answered. Records are shown as texts: their types are there. */
function answerOf(
  name: string,
  columns: readonly Column[],
  tuples: readonly ClientTuple[],
): RemoteAnswer {
  const attributes = columns.map(({ name: of, type, kind }) => {
    const stored: ValueKind = kind === "record" ? "symbol" : kind;
    return { name: of, type, kind: stored };
  });
  const schema = { name, attributes };
  const { relations, values } = new Database({
    ...{ domain: 64, structures: new Map(), relations: [schema] },
  });
  const [relation] = relations as readonly [Relation];
  for (const tuple of tuples)
    relation.insert(
      columns.map(({ kind }, at) =>
        values.encode(attributes[at]?.kind ?? "symbol", stored(kind, tuple[at] ?? null)),
      ),
    );
  return { relation, values };
}

function stored(kind: Column["kind"], value: ClientTuple[number]): Value {
  switch (kind) {
    case "number":
    case "unsigned":
      return BigInt(value as number | bigint);
    case "float":
      return Number(value);
    case "symbol":
      return value as string;
    case "record":
      return clientValue(value);
  }
}
