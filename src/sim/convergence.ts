// What must hold when faults have ended.
import type { Fact } from "../transducer/fact.ts";
import type { FactMap } from "../transducer/model.ts";
import type { Owners } from "../transducer/owners.ts";
import type { Checker } from "./checker.ts";
import { type Machine, machineOutput, tells } from "./machine.ts";
import { shareOf } from "./parts.ts";
import { answerOf, factsText, missingFrom, type SimulatedProgram } from "./program.ts";
import { replayedOutput } from "./replay.ts";
import type { Requests } from "./requests.ts";
import type { Schedule } from "./schedule.ts";

/** A network without faults. */
export type Calm = {
  readonly program: SimulatedProgram;
  readonly schedule: Schedule;
  /** The machines that are to converge. */
  readonly core: readonly Machine[];
  readonly requests: Requests;
  readonly checker: Checker;
  /** Of a program in parts. */
  readonly owners: Owners | undefined;
};

/** Returns what keeps a network from having converged. */
export function apart(calm: Calm): string | undefined {
  const { program, core } = calm;
  const lacking = notHeld(calm);
  if (lacking !== undefined) return lacking;
  const holds = ({ node }: Machine): string =>
    program.floods ? [...(node?.holds ?? [])].toSorted().join(" ") : "";
  const [first] = core;
  const other = core.find((machine) => first !== undefined && holds(machine) !== holds(first));
  if (other !== undefined) return `${first?.name ?? ""} and ${other.name} hold different facts`;
  if (program.promise === "none") return undefined;
  const answer = answerOf(program, inputOf(calm));
  let together = program.model.keyed([]);
  for (const machine of core) {
    const output = machineOutput(program, machine);
    together = together.merge(output);
    const wanted = wantedAt(calm, machine, answer, output);
    if (output.equals(wanted)) continue;
    const less = factsText(program, missingFrom(program, wanted.values(), output));
    const more = factsText(program, missingFrom(program, output.values(), wanted));
    return `${machine.name} has not ${less}, and has ${more} that one machine has not`;
  }
  if (core.length === 0 || together.equals(answer)) return undefined;
  return `nobody has ${factsText(program, missingFrom(program, answer.values(), together))}`;
}

/** What a machine has to have put out: all, or what it owns. What is where it was inserted can be
 * anywhere. */
function wantedAt(
  { program: { parts }, owners }: Calm,
  { name }: Machine,
  answer: FactMap,
  output: FactMap,
): FactMap {
  if (parts === undefined || owners === undefined) return answer;
  const inserted = output.filter(({ relation }, key) => {
    return parts.places[relation]?.kind === "arrival" && answer.has(key);
  });
  return shareOf(parts, owners, name, answer).merge(inserted);
}

/** Checks what nodes have put out, and whether it is that in another order, too. */
export function checkOutputs({ program, schedule, core, checker }: Calm, seed: number): void {
  if (program.promise === "none") return;
  for (const machine of core) {
    const { name, inbox, told, given } = machine;
    const output = machineOutput(program, machine);
    // What was handed over is elsewhere.
    const moved = told.filter((fact) => !tells(program, machine, fact));
    const others = core.filter((other) => moved.length > 0 && other !== machine);
    const all = output.merge(...others.map((other) => machineOutput(program, other)));
    const lost = missingFrom(program, told, all);
    checker.check("output-kept", lost.length === 0, () => {
      return `${name} had put out ${factsText(program, lost)}, and has not in the end`;
    });
    if (program.promise !== "monotone" || inbox === undefined) continue;
    // What becomes of members is no input.
    if (given !== undefined) continue;
    const again = replayedOutput(program, name, schedule.names, inbox.inbox, seed);
    checker.check("replayed", again.equals(output), () => {
      const less = factsText(program, missingFrom(program, output.values(), again));
      const more = factsText(program, missingFrom(program, again.values(), output));
      return `${name}, given the same in another order, has not ${less}, and has ${more} more`;
    });
  }
}

/** Returns the input that the machines have, all together. */
export function inputOf({ program, schedule, core, requests, checker }: Calm): Fact[] {
  const { inserts } = schedule;
  if (!program.floods)
    return inserts.flatMap((insert) => (requests.done(insert) ? insert.facts : []));
  const most = new Map<string, number>();
  for (const { node } of core)
    for (const [origin, count] of node?.holds ?? [])
      most.set(origin, Math.max(count, most.get(origin) ?? 0));
  return checker.held(most);
}

/** Which request is not accepted, or not held by all. */
function notHeld({ program, schedule, core, requests }: Calm): string | undefined {
  for (const insert of schedule.inserts) {
    const { node: at, request } = insert;
    if (!core.some(({ name }) => name === at)) continue;
    if (!requests.done(insert)) return `${request} is not accepted`;
    const known = requests.of(request);
    if (known === undefined) continue;
    const { accepted, holders } = known;
    if (!program.floods || !core.some(({ name }) => holders.includes(name))) continue;
    const without = core.find(({ node }) => (node?.holds.get(accepted.origin) ?? 0) < accepted.to);
    if (without !== undefined) return `${without.name} does not have ${request}`;
  }
  return undefined;
}
