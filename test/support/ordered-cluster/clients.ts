// The clients of a simulated cluster: what they ask for, again where they hear nothing, and what they
// are answered: always the same.
import type { Program } from "../../../src/analysis/program.ts";
import type { Random } from "../../../src/base/random.ts";
import type { LockKeys } from "../../../src/calvin/footprint.ts";
import { Reconnaissance } from "../../../src/calvin/reconnaissance.ts";
import type { OrderedRequest } from "../../../src/calvin/record.ts";
import type { Answer } from "../../../src/calvin/replica.ts";
import type { Footprint, Pattern, TransactionCode } from "../../../src/calvin/transaction.ts";
import type { Value } from "../../../src/value/schema.ts";
import { CallHistory, type ClusterCall } from "../call-history.ts";
import { resultText } from "../serial-log.ts";
import type { ClusterCounts, ClusterOptions } from "./options.ts";

/** What clients need of their cluster. */
export type ClientParts = {
  readonly program: Program;
  readonly chance: Random;
  readonly keys: LockKeys;
  readonly codes: ReadonlyMap<string, TransactionCode>;
  readonly replicas: number;
  readonly call: ClusterOptions["call"];
  readonly counts: ClusterCounts;
  /** The time of the history. */
  readonly now: () => number;
  /** What a replica holds now. */
  readonly snapshot: (replica: number, pattern: Pattern) => (readonly Value[])[];
  /** Gives a request to some sequencer, which may be gone. */
  readonly sequence: (request: OrderedRequest) => void;
};

/** A call, from when on its client may ask again, and for how long it waits then. */
type Asked = ClusterCall & { fromStep: number; waitSteps: number };

/** How long a client waits until it asks again for the first time: then twice as long, and so on;
 * at most so long where it has heard nothing. Else a few that wait would ask for more than a small
 * cluster logs. */
const [firstWaitSteps, waitStepsMax] = [50, 4_000];

/** All clients of a cluster. */
export class Clients {
  readonly history = new CallHistory();
  /** How each request was answered, as text. */
  readonly answers = new Map<string, string>();
  /** How many requests there were. */
  called = 0;
  private readonly parts: ClientParts;
  /** How each call ended, as repetitions are told too. */
  private readonly endings = new Map<string, string>();
  private readonly resubmitted = new Set<string>();
  private readonly calls = new Map<string, Asked>();

  constructor(parts: ClientParts) {
    this.parts = parts;
  }

  /** A client asks for something. */
  submit(): void {
    const call = this.parts.call(this.parts.chance, ++this.called);
    const id = `c${this.called}`;
    const fromStep = this.parts.now() + firstWaitSteps;
    this.calls.set(id, { ...call, fromStep, waitSteps: firstWaitSteps });
    this.history.asked(id, call, this.parts.now());
    this.begin(id, 0);
    // Clients ask again where they hear nothing: through another sequencer, too.
    if (this.parts.chance.chance(0.1)) this.begin(id, 0);
  }

  /** A client that heard nothing, or forgot what it heard, begins from the start: by its request's
   * id it is known. */
  retry(): void {
    const { chance } = this.parts;
    const open = [...this.calls.keys()].filter((id) => !this.answers.has(id));
    const known = `c${this.called - chance.below(20)}`;
    const id = open.length > 0 && chance.chance(0.5) ? chance.pick(open) : known;
    const asked = this.calls.get(id);
    const now = this.parts.now();
    if (asked === undefined || now < asked.fromStep) return;
    asked.waitSteps = Math.min(asked.waitSteps * 2, this.answers.has(id) ? Infinity : waitStepsMax);
    asked.fromStep = now + asked.waitSteps;
    this.begin(id, 0);
  }

  private begin(id: string, attempt: number): void {
    const { name, args } = this.calls.get(id) ?? { name: "", args: [] };
    const code = this.parts.codes.get(name);
    if (code === undefined) throw new Error(`no transaction ${name}`);
    let footprint: Footprint | undefined;
    // Where its arguments say what it touches, a request mostly says nothing of it.
    const bare = code.footprint(args) !== undefined && this.parts.chance.chance(0.7);
    if (attempt < 3 && !bare) {
      const replica = this.parts.chance.below(this.parts.replicas);
      const found = new Reconnaissance(code, args, this.parts.keys);
      for (let step = found.step(); ; step = found.step()) {
        if (step.kind === "known") {
          ({ footprint } = step);
          break;
        }
        for (const pattern of step.patterns)
          found.learn(pattern, this.parts.snapshot(replica, pattern));
      }
    } else if (!bare) this.parts.counts.whole++;
    const request: OrderedRequest = {
      ...{ id, transaction: name, args, attempt },
      ...(footprint !== undefined && { footprint }),
    };
    this.parts.sequence(request);
  }

  /** Takes what a machine says of a request; one that begins anew is sequenced again. */
  answer({ id, attempt, result, changes }: Answer): void {
    if (result.kind === "restart") {
      const next = `${id} ${attempt + 1}`;
      // A sequencer that crashed may have lost it.
      if (this.resubmitted.has(next) && this.parts.chance.chance(0.5)) return;
      if (!this.resubmitted.has(next)) this.parts.counts.restarted++;
      this.resubmitted.add(next);
      this.begin(id, attempt + 1);
      return;
    }
    const ended = result.kind !== "done" ? result : changes && { ...changes, kind: result.kind };
    const known = this.answers.get(id);
    // Its rows were told where it was carried out.
    const text = ended === undefined ? known : resultText(ended, this.parts.program);
    if (text === undefined) throw new Error(`${id} is answered again before it is answered`);
    if (known !== undefined && known !== text) throw new Error(`${id}: ${known} and ${text}`);
    const counts = JSON.stringify(result);
    if ((this.endings.get(id) ?? counts) !== counts) throw new Error(`${id} ended ${counts}`);
    this.endings.set(id, counts);
    this.answers.set(id, text);
    if (ended !== undefined) this.history.answered(id, ended, this.parts.now());
  }
}
