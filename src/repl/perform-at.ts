// What is typed while a session is connected with a node: it is done there, or refused.
import { type Diagnostic, hasErrors } from "../base/diagnostic.ts";
import type { ClientTuple } from "../client/values.ts";
import { constantsOf } from "./client-text.ts";
import type { Entry, Text } from "./entry.ts";
import type { Output } from "./output.ts";
import type { Remote } from "./remote.ts";
import type { Outcome } from "./outcome.ts";
import { Refusal } from "./world.ts";

/** What tells of an entry. */
type Teller = {
  readonly output: Output;
  report(diagnostics: readonly Diagnostic[]): void;
  remark(text: string): void;
};

/** Does an entry at a node. */
export async function performAt(
  remote: Remote,
  entry: Exclude<Entry, { kind: "command" }>,
  shell: Teller,
): Promise<Outcome> {
  if (hasErrors(entry.text.parsed.diagnostics)) {
    shell.report(entry.text.parsed.diagnostics);
    return "failed";
  }
  switch (entry.kind) {
    case "goal": {
      const { shown, final, level, more } = await remote.query(entry.shown);
      shell.output.show(shown.relation, shown.values);
      if (!final) shell.remark(`not final: of level ${level}, what was answered may be withdrawn`);
      if (more) shell.remark("there are more answers than the node gives at once");
      return "ok";
    }
    case "removal":
      throw new Refusal(
        "a fact cannot be taken back that a node has taken: what follows from it is told as final",
        "say in the program what replaces it, as programs/kv.dl does with tombstones",
      );
    case "clauses":
      return insert(remote, entry.text);
  }
}

async function insert(remote: Remote, { parsed }: Text): Promise<Outcome> {
  const tuples = new Map<string, ClientTuple[]>();
  for (const item of parsed.tree.items) {
    const facts = item.kind === "clause" && item.body === undefined && item.operator === ":-";
    if (!facts || item.heads.some(({ sign, location }) => sign !== undefined || location))
      throw new Refusal(
        "a node runs the program that it was started with: facts alone can be added there",
        "`.disconnect` goes back to the session, which takes rules and declarations",
      );
    for (const { atom } of item.heads) {
      const name = atom.relation.parts.map(({ text }) => text).join(".");
      const columns = remote.columns(name);
      if (atom.terms.length !== columns.length)
        throw new Refusal(`relation "${name}" has ${columns.length} columns`);
      tuples.set(name, [...(tuples.get(name) ?? []), constantsOf(atom, columns)]);
    }
  }
  for (const [name, rows] of tuples) await remote.insert(name, rows);
  return "ok";
}
