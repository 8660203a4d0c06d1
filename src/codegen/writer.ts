// One function of generated text in the making: its lines, its names, and what it has to fetch from
// stores and indexes before the loops start.
import type { Tally } from "./code.ts";
import type { Side } from "../plan/plan.ts";
import type { Aggregate } from "../value/operator.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { UserFunctor } from "../value/user-functor.ts";

/** A constant that generated code refers to by place; it is encoded when the code is linked. */
export type Constant = { readonly of: ValueKind; readonly value: Value };

/** An aggregate that generated code refers to by place. */
export type Aggregation = {
  readonly name: Aggregate;
  readonly of: ValueKind;
  readonly fold?: { readonly user: UserFunctor };
};

/** What all functions of a text refer to by place. */
export type Shared = {
  readonly constants: Constant[];
  readonly aggregates: Aggregation[];
  readonly functors: UserFunctor[];
  readonly intersections: (readonly Side[])[];
  /** The numbers of fields of records that are packed or unpacked. */
  readonly records: Set<number>;
  /** Whether functions count what they do. */
  readonly tallied: boolean;
};

/** What a function keeps of a relation in local variables: the columns that it reads, whether it
 * looks tuples up in the table, whether it inserts (then all columns too, and it reloads them),
 * whether it looks for dropped rows, whether it compares the ranks of rows. */
export type RelationUse = {
  readonly columns: Set<number>;
  table: boolean;
  window: boolean;
  inserts: boolean;
  dropped: boolean;
  ranks: boolean;
};

/** The text of one function while it is written. */
export class Writer {
  readonly relations = new Map<number, RelationUse>();
  readonly indexes = new Set<number>();
  readonly constants: Constant[];
  readonly aggregates: Aggregation[];
  readonly functors: UserFunctor[];
  readonly intersections: (readonly Side[])[];
  readonly records: Set<number>;
  /** The intersections that the function has to begin. */
  readonly begun: string[] = [];
  private readonly lines: string[] = [];
  private readonly tallied: boolean;
  private depth: number;
  /** What was computed in the blocks that are open, the innermost last: names by what they are. */
  private readonly computed = [new Map<string, string>()];
  private fresh = 0;

  /** `shared` is what all functions of a text refer to. */
  constructor(shared: Shared, depth: number) {
    this.functors = shared.functors;
    this.intersections = shared.intersections;
    this.records = shared.records;
    this.constants = shared.constants;
    this.aggregates = shared.aggregates;
    this.tallied = shared.tallied;
    this.depth = depth;
  }

  /** Appends a line at the present depth. */
  line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  /** Appends a line that opens a block. */
  open(text: string): void {
    this.line(text);
    this.depth++;
    this.computed.push(new Map<string, string>());
  }

  /** Closes the block that was opened last. */
  close(text = "}"): void {
    this.depth--;
    this.computed.pop();
    this.line(text);
  }

  /** Counts something that happens here, where that is asked for. */
  count(what: keyof Tally): void {
    if (this.tallied) this.line(`${what}++;`);
  }

  /** A name that the function has not used yet. */
  name(): string {
    return `$${++this.fresh}`;
  }

  /** Names the value of an expression that is used more than once. */
  keep(expression: string): string {
    if (/^[\w$]+$|^-\d+$/.test(expression)) return expression;
    const name = this.name();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** Takes note that a variable of the block that is open holds what `text` describes. */
  found(text: string, variable: string): void {
    this.computed.at(-1)?.set(text, variable);
  }

  /** The variable in sight that holds what `text` describes. */
  find(text: string): string | undefined {
    return this.computed.findLast((block) => block.has(text))?.get(text);
  }

  /** What the function fetches of a relation; the caller adds to it. */
  relation(at: number): RelationUse {
    let use = this.relations.get(at);
    if (use === undefined) {
      use = {
        ...{ columns: new Set(), table: false, window: false },
        ...{ inserts: false, dropped: false, ranks: false },
      };
      this.relations.set(at, use);
    }
    return use;
  }

  /** JavaScript for a constant. */
  constant(of: ValueKind, value: Value): string {
    let at = this.constants.findIndex((one) => one.of === of && Object.is(one.value, value));
    if (at < 0) at = this.constants.push({ of, value }) - 1;
    return `constant${at}`;
  }

  /** JavaScript for a functor that the program declares. */
  functor(user: UserFunctor): string {
    let at = this.functors.findIndex(({ name }) => name === user.name);
    if (at < 0) at = this.functors.push(user) - 1;
    return `functor${at}`;
  }

  /** JavaScript for what finds the words that groups have in common. */
  intersection(sides: readonly Side[]): string {
    const name = `intersection${this.intersections.push(sides) - 1}`;
    this.begun.push(name);
    return name;
  }

  /** The lines written so far. */
  get text(): string {
    return this.lines.map((line) => `${line}\n`).join("");
  }
}

/** A name as it may stand in JavaScript; what may not, becomes `_`. */
export function identifier(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d|$)/, "_");
}

/** A text as it may stand in a comment of one line. */
export function comment(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+\s*/g, " ");
}
