import { type Fact, keyOf } from "../../src/transducer/fact.ts";
import {
  type IncrementalOptions,
  IncrementalTransducer,
} from "../../src/transducer/incremental.ts";
import type { StepResult, Transducer } from "../../src/transducer/transducer.ts";

type Shown = {
  readonly result: StepResult;
  readonly tuples: ReadonlyMap<number, readonly Fact["values"][]>;
};

/** What steps of one node's program came to, by the facts before and those received. */
export type Remembered = {
  readonly options: IncrementalOptions;
  readonly members: readonly string[];
  readonly known: Map<string, Shown>;
};

/** A transducer whose steps are computed once for the same facts: for a program without effects,
 * whose state is the set of facts that it has received. */
export class RememberedTransducer implements Transducer {
  private readonly remembered: Remembered;
  private readonly name: string;
  private facts: readonly Fact[] = [];
  private shown: Shown | undefined;

  constructor(remembered: Remembered, name: string) {
    this.remembered = remembered;
    this.name = name;
  }

  step(received: readonly Fact[]): StepResult {
    this.shown = this.after(received);
    this.facts = inOrder([...this.facts, ...received]);
    return this.shown.result;
  }

  tuples(relation: number): readonly Fact["values"][] {
    return this.shown?.tuples.get(relation) ?? [];
  }

  restart(facts: Iterable<Fact>): void {
    this.facts = [];
    this.step([...facts]);
  }

  private after(received: readonly Fact[]): Shown {
    const { options, members, known } = this.remembered;
    const [before, now] = [this.facts, inOrder(received)].map((of) => of.map(keyOf).join("\n"));
    const key = `${this.name}\n${before}\n\n${now}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const transducer = new IncrementalTransducer(options, this.name, members);
    if (this.facts.length > 0) transducer.step(this.facts);
    const result = transducer.step(received);
    const tuples = new Map(
      options.plan.relations.map((_, at) => [at, [...transducer.tuples(at)]] as const),
    );
    const shown = { result, tuples };
    known.set(key, shown);
    return shown;
  }
}

function inOrder(facts: readonly Fact[]): Fact[] {
  const byKey = new Map(facts.map((fact) => [keyOf(fact), fact]));
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact);
}
