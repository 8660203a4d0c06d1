// What must hold when faults have ended.
import type { Fact } from "../transducer/fact.ts";
import type { Checker } from "./checker.ts";
import { type Machine, machineOutput } from "./machine.ts";
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
  for (const machine of core) {
    const output = machineOutput(program, machine);
    if (output.equals(answer)) continue;
    const less = factsText(program, missingFrom(program, answer.values(), output));
    const more = factsText(program, missingFrom(program, output.values(), answer));
    return `${machine.name} has not ${less}, and has ${more} that one machine has not`;
  }
  return undefined;
}

/** Checks what nodes have put out, and whether it is that in another order, too. */
export function checkOutputs({ program, schedule, core, checker }: Calm, seed: number): void {
  if (program.promise === "none") return;
  for (const machine of core) {
    const { name, inbox, told } = machine;
    const output = machineOutput(program, machine);
    const lost = missingFrom(program, told, output);
    checker.check("output-kept", lost.length === 0, () => {
      return `${name} had put out ${factsText(program, lost)}, and has not in the end`;
    });
    if (program.promise !== "monotone" || inbox === undefined) continue;
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
  if (program.sealed) return inserts.flatMap(({ facts }) => facts);
  if (!program.floods)
    return inserts.flatMap(({ request, facts }) => (requests.of(request) ? facts : []));
  const most = new Map<string, number>();
  for (const { node } of core)
    for (const [origin, count] of node?.holds ?? [])
      most.set(origin, Math.max(count, most.get(origin) ?? 0));
  return checker.held(most);
}

/** Which request is not accepted, or not held by all. */
function notHeld({ program, schedule, core, requests }: Calm): string | undefined {
  if (program.sealed) return undefined;
  for (const { node: at, request } of schedule.inserts) {
    if (!core.some(({ name }) => name === at)) continue;
    const known = requests.of(request);
    if (known === undefined) return `${request} is not accepted`;
    const { accepted, holders } = known;
    if (!program.floods || !core.some(({ name }) => holders.includes(name))) continue;
    const without = core.find(({ node }) => (node?.holds.get(accepted.origin) ?? 0) < accepted.to);
    if (without !== undefined) return `${without.name} does not have ${request}`;
  }
  return undefined;
}
