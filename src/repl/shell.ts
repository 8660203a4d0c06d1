// Does what is typed: one entry after the other, each on a new version of the session, or not at
// all.
import { hasErrors, type Diagnostic } from "../base/diagnostic.ts";
import { render } from "../base/render.ts";
import type { Source } from "../base/source.ts";
import { ask } from "../engine/ask.ts";
import { understoodGoal, type UnderstoodGoal } from "../goal.ts";
import { plan } from "../plan/program.ts";
import { parse, type ParseOptions } from "../syntax/parse.ts";
import { missingDeclarations } from "./declare.ts";
import { entriesOf, typedPath, type Entry, type Text } from "./entry.ts";
import { highlighted } from "./highlight.ts";
import { evaluateOptions, Live, type ReadInputs } from "./live.ts";
import { Output } from "./output.ts";
import type { Outcome } from "./outcome.ts";
import { performAt } from "./perform-at.ts";
import type { Remote } from "./remote.ts";
import type { ProofView } from "./proof-view.ts";
import {
  advanced,
  factDifference,
  factText,
  firstVersion,
  withFacts,
  withText,
  type Session,
  type StatedFact,
  type Versions,
} from "./session.ts";
import { declarations, factsIn, itemsOf, understoodItems } from "./understood.ts";
import { Refusal, type World } from "./world.ts";

/** Finds a command by its name, or refuses it. */
export type FindCommand = (word: string) => {
  readonly name: string;
  readonly local?: true;
  readonly run: (shell: Shell, argument: string) => Outcome | Promise<Outcome>;
};

const limitCodes = ["too-many-tuples", "too-many-rounds", "out-of-memory"];

/** A session with what holds in it, and how answers are shown. Errors end no session: what has one
 * changes nothing. */
export class Shell {
  readonly world: World;
  readonly output: Output;
  versions: Versions = firstVersion();
  /** What holds now; undefined before anything was said. */
  live: Live | undefined;
  /** What stands for what in texts that come, as `#define` has it. */
  readonly macros = new Map<string, string>();
  readonly inputs: ReadInputs = new Map();
  timed = false;
  /** What was explained last, as it is shown. */
  proof: ProofView | undefined;
  /** The node that facts and goals go to, if there is one. */
  remote: Remote | undefined;
  /** Prints a line where somebody may be typing. */
  tell = (line: string): void => {
    this.world.out.write(`${line}\n`);
  };
  /** Has the files of the session watched, where somebody can be told of changes. */
  watch: ((on: boolean) => void) | undefined;
  /** The codes of what was found since an entry began. */
  private readonly found = new Set<string>();
  private readonly commandOf: FindCommand;

  constructor(world: World, commandOf: FindCommand) {
    this.world = world;
    this.commandOf = commandOf;
    this.output = new Output(world);
  }

  /** The session as it is. */
  get session(): Session {
    return this.versions.present;
  }

  /** The names of the relations that are declared. */
  get relations(): string[] {
    if (this.remote !== undefined) return this.remote.relations.map(({ name }) => name);
    const names = this.live?.program.relations.map(({ name }) => name) ?? [];
    return names.filter((name) => !name.startsWith("#"));
  }

  /** Does what a complete text says, whose first line has the number `line`; stops at the first
   * entry that fails. */
  async execute(text: string, line: number): Promise<Outcome> {
    return this.guarded(async () => {
      for (const entry of entriesOf(text, line, this.relations, this.parseOptions)) {
        const startMs = this.world.nowMs();
        const outcome = await this.perform(entry);
        if (outcome !== "ok") return outcome;
        if (this.timed && entry.kind !== "command") this.time(startMs);
      }
      return "ok";
    });
  }

  /** Does something that may be refused. */
  async guarded(work: () => Promise<Outcome>): Promise<Outcome> {
    this.found.clear();
    try {
      const outcome = await work();
      const limited = limitCodes.some((code) => this.found.has(code));
      return outcome === "failed" && limited ? "limit" : outcome;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const { message, hint } = refusal;
      this.output.flush();
      this.world.err.write(`error: ${message}\n${hint === undefined ? "" : `  hint: ${hint}\n`}`);
      return "failed";
    } finally {
      this.output.finish();
    }
  }

  /** Brings the session to `next`, if that can be; `about` is what is new in it. Whoever calls says
   * which versions there are then. */
  async adopt(next: Session, about: readonly Text[]): Promise<boolean> {
    if (this.live === undefined || next.texts !== this.session.texts)
      return this.renew(next, about);
    const { live } = this;
    live.apply(factDifference(this.session, next));
    const { diagnostics, complete } = live.evaluation;
    this.report(diagnostics);
    if (!complete) live.apply(factDifference(next, this.session));
    else live.reclaim(this.inputs);
    return complete;
  }

  /** Adopts a session as the next version. */
  async advance(next: Session, about: readonly Text[]): Promise<Outcome> {
    if (!(await this.adopt(next, about))) return "failed";
    this.versions = advanced(this.versions, next);
    return "ok";
  }

  /** Reads a text with what is defined at present. */
  read(source: Source): Text {
    return { source, parsed: parse(source, this.parseOptions) };
  }

  /** Leaves the node that the session is connected with. */
  disconnect(): void {
    this.remote?.unfollow();
    this.remote = undefined;
    this.proof = undefined;
  }

  /** Prints source text to where answers go. */
  printSource(text: string): void {
    this.output.write(this.world.color && !this.output.redirected ? highlighted(text) : text);
  }

  /** Prints findings. */
  report(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0) return;
    for (const { code } of diagnostics) this.found.add(code);
    this.output.flush();
    this.world.err.write(render(diagnostics, { color: this.world.color }));
  }

  /** Says something that is no answer. */
  remark(text: string): void {
    this.output.flush();
    this.world.err.write(`note: ${text}\n`);
  }

  /** What holds; refuses where nothing was said yet. */
  present(): Live {
    if (this.live === undefined)
      throw new Refusal("nothing is declared yet", "type `edge(1, 2).`, or `.load FILE`");
    return this.live;
  }

  /** Returns a goal as a relation of a program. */
  understood(text: Text, shown: string): UnderstoodGoal {
    const items = declarations(this.session.texts);
    return understoodGoal(items, text.parsed, shown, this.world.options);
  }

  /** How what comes is read, with what is defined at present. */
  get parseOptions(): ParseOptions {
    const { options } = this.world;
    return { ...options, macros: { ...options.macros, ...Object.fromEntries(this.macros) } };
  }

  private perform(entry: Entry): Promise<Outcome> | Outcome {
    const { remote } = this;
    if (entry.kind !== "command" && remote !== undefined) return performAt(remote, entry, this);
    switch (entry.kind) {
      case "command": {
        const command = this.commandOf(entry.word);
        if (command.local === true && remote !== undefined)
          throw new Refusal(
            `\`.${command.name}\` is about the program of the session, not that of the node`,
            "`.disconnect` goes back to it",
          );
        return command.run(this, entry.argument);
      }
      case "goal":
        return this.answer(entry.text, entry.shown);
      case "removal":
        return this.remove(entry.text);
      case "clauses":
        return this.add(entry.text);
    }
  }

  private async renew(next: Session, about: readonly Text[]): Promise<boolean> {
    const { world, live: former } = this;
    const { program, diagnostics } = understoodItems(itemsOf(next.texts), about, world.options);
    this.report(diagnostics);
    if (program === undefined) return false;
    const live = await Live.of(program, next, this.inputs, world, former);
    if (live === undefined) return false;
    this.report(live.evaluation.diagnostics);
    if (!live.evaluation.complete) return false;
    this.live = live;
    live.reclaim(this.inputs);
    return true;
  }

  private async add(text: Text): Promise<Outcome> {
    const { items } = text.parsed.tree;
    const { options } = this.world;
    if (hasErrors(text.parsed.diagnostics)) {
      this.report(text.parsed.diagnostics);
      return "failed";
    }
    const { texts } = this.session;
    const declared = missingDeclarations(itemsOf(texts), items, options);
    if (declared.length === 0 && this.live !== undefined) {
      const stated = factsIn(texts, text, options);
      if (stated !== undefined) {
        this.report(stated.diagnostics);
        return hasErrors(stated.diagnostics) ? "failed" : this.insert(stated.facts);
      }
    }
    const added = declared.map((line) => this.read({ path: typedPath, text: line }));
    let next = this.session;
    for (const one of [...added, text]) next = withText(next, one, shortText(text));
    const outcome = await this.advance(next, [text]);
    if (outcome === "ok") for (const line of declared) this.remark(`declared: ${line}`);
    return outcome;
  }

  private async insert(facts: readonly StatedFact[]): Promise<Outcome> {
    const live = this.present();
    const fresh = facts.filter((fact) => !live.isGiven(fact));
    for (const fact of facts)
      if (!fresh.includes(fact)) this.remark(`${factText(fact)} is there already`);
    if (fresh.length === 0) return "ok";
    const change = `+${fresh.map(factText).join(", +")}`;
    return this.advance(
      withFacts(this.session, fresh, true, () => false, change),
      [],
    );
  }

  private async remove(text: Text): Promise<Outcome> {
    const live = this.present();
    const stated = factsIn(this.session.texts, text, this.world.options);
    if (stated === undefined)
      throw new Refusal("facts of constants alone are taken back", "`.undo` takes back a rule");
    this.report(stated.diagnostics);
    if (hasErrors(stated.diagnostics)) return "failed";
    const there = stated.facts.filter((fact) => live.isGiven(fact));
    for (const fact of stated.facts) {
      if (there.includes(fact)) continue;
      if (live.holds(fact)) {
        const hint = "take back what it follows from";
        throw new Refusal(`${factText(fact)} is not stated: it follows by rules`, hint);
      }
      this.remark(`${factText(fact)} is not there`);
    }
    if (there.length === 0) return "ok";
    const change = `-${there.map(factText).join(", -")}`;
    return this.advance(
      withFacts(this.session, there, false, () => true, change),
      [],
    );
  }

  private answer(text: Text, shown: string): Outcome {
    const live = this.present();
    const { program, diagnostics } = this.understood(text, shown);
    this.report(diagnostics);
    if (program === undefined) return "failed";
    const how = evaluateOptions(this.world);
    const { relation, evaluation } = ask(plan(program), live.database, shown, how);
    this.report(evaluation.diagnostics);
    if (!evaluation.complete) return "failed";
    this.output.show(relation, live.database.values);
    return "ok";
  }

  private time(startMs: number): void {
    const ms = (this.world.nowMs() - startMs).toFixed(1);
    this.output.flush();
    this.world.err.write(`time: ${ms} ms\n`);
  }
}

function shortText({ source: { text } }: Text): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
