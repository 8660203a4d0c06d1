import type { Level } from "../analysis/levels.ts";
import { levelFindings } from "../analysis/monotone-findings.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Program } from "../analysis/program.ts";
import { hasErrors, type Diagnostic } from "../base/diagnostic.ts";
import { understand, type CompileOptions } from "../understand.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import { declaringItems } from "../goal.ts";
import { saysNetwork } from "../plan/network.ts";
import { plan } from "../plan/program.ts";
import { CalmError, errorIn } from "./calm-error.ts";
import { checkRelationTypes, type Facts, type RelationTypes } from "./column-types.ts";
import type { Compiled } from "./compiled.ts";
import { Database } from "./database.ts";
import { checkSignatures, lackingFunctors } from "./functor.ts";
import { sourceOf, type Text } from "./program-text.ts";

/** How a program is read and run. */
export type EngineOptions<R extends RelationTypes = RelationTypes> = Omit<CompileOptions, "magic"> &
  Pick<EvaluateOptions, "backend" | "clock" | "functors" | "limits"> & {
    /** What relations hold, for typed rows. They have to be in the program, with these columns. The
     * others can then be asked for by goals alone. */
    readonly relations?: R;
  };

/** What came of a text: an engine, with what else was found; or what is wrong. */
export type EngineResult<R extends RelationTypes = RelationTypes> =
  | {
      readonly ok: true;
      readonly engine: Engine<R>;
      /** Warnings and notes. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly error: CalmError; readonly diagnostics: readonly Diagnostic[] };

/** What the checker says of a program: which of its relations need no coordination on a network. */
export type Check = {
  /** Whether nothing is found that is worse than what was to be accepted. */
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly relations: readonly {
    readonly name: string;
    readonly level: Level;
    /** Whether no tuple is ever withdrawn on a network. */
    readonly final: boolean;
  }[];
};

/** What is said of a relation without rules and facts: here these are inserted. */
const emptyRelation = "no-rules-nor-facts";

/** A compiled program. It holds no facts: `open` gives databases that do, as many as one likes.
 *
 * ```ts
 * import { Engine } from "calmdb";
 *
 * const engine = Engine.compile(`
 *   .decl edge(from: symbol, to: symbol)
 *   .decl path(from: symbol, to: symbol)
 *   path(x, y) :- edge(x, y).
 *   path(x, z) :- path(x, y), edge(y, z).
 * `);
 * const database = engine.run({ edge: [["a", "b"], ["b", "c"]] });
 * console.log(database.query('path("a", to)'));
 * //=> [ { to: 'b' }, { to: 'c' } ]
 * ```
 */
export class Engine<const R extends RelationTypes = RelationTypes> {
  /** What was found in the program that is no error. */
  readonly diagnostics: readonly Diagnostic[];
  private readonly compiled: Compiled;

  private constructor(compiled: Compiled, diagnostics: readonly Diagnostic[]) {
    this.compiled = compiled;
    this.diagnostics = diagnostics;
  }

  /** Returns the engine of a program. Throws a `CalmError` with all that is wrong with it. */
  static compile<const R extends RelationTypes = RelationTypes>(
    program: Text,
    options: EngineOptions<R> = {},
  ): Engine<R> {
    const result = Engine.tryCompile(program, options);
    if (!result.ok) throw result.error;
    return result.engine;
  }

  /** The same with what is wrong with the program as a value. What the caller says of it, and is
   * not so, is thrown nevertheless: types of relations, signatures of functors. */
  static tryCompile<const R extends RelationTypes = RelationTypes>(
    program: Text,
    options: EngineOptions<R> = {},
  ): EngineResult<R> {
    const { relations, functors = {}, limits, backend, clock, ...reading } = options;
    const source = sourceOf(program, reading.path ?? "program.dl");
    const { program: understood, tree, ...read } = understand(source, reading);
    const diagnostics = read.diagnostics.filter(({ code }) => code !== emptyRelation);
    const failed = errorIn(diagnostics);
    if (failed !== undefined) return { ok: false, error: failed, diagnostics };
    if (understood === undefined || saysNetwork(understood)) {
      const message = "the program is one of a network, which a database does not run";
      const hint = "run it with `calm node`, and ask that with a `NodeClient`";
      const error = new CalmError("network-program", message, hint);
      return { ok: false, error, diagnostics };
    }
    const lacking = lackingFunctors(understood, functors);
    const unable = errorIn(lacking);
    if (unable !== undefined) return { ok: false, error: unable, diagnostics: lacking };
    checkSignatures(understood, functors);
    if (relations !== undefined) checkRelationTypes(relations, understood);
    const evaluate = {
      functors,
      ...(limits && { limits }),
      ...(backend && { backend }),
      ...(clock && { clock }),
    };
    const compiled = {
      program: understood,
      plan: plan(understood),
      declarations: declaringItems(tree.items),
      reading,
      evaluate,
    };
    return { ok: true, engine: new Engine<R>(compiled, diagnostics), diagnostics };
  }

  /** The relations of the program, with their columns. */
  get relations(): Program["relations"] {
    return this.compiled.program.relations;
  }

  /** Returns what needs coordination on a network, and why. `accept` is the worst level that
   * passes: M, monotone, unless given.
   *
   * ```ts
   * import { Engine } from "calmdb";
   *
   * const engine = Engine.compile(`
   *   .decl bid(item: symbol, price: number) input
   *   .decl highest(item: symbol, price: number) output
   *   highest(i, p) :- bid(i, p), p = max q : { bid(i, q) }.
   * `);
   * const { ok, diagnostics } = engine.check();
   * console.log(ok, diagnostics.map(({ code }) => code));
   * //=> false [ 'aggregate-not-monotone' ]
   * ```
   */
  check({ accept = "M" }: { readonly accept?: Level } = {}): Check {
    const { program } = this.compiled;
    const verdict = monotonicity(program);
    const diagnostics = levelFindings(program, verdict, { accept });
    const relations = program.relations.flatMap(({ name }, at) => {
      const known = verdict.relations[at];
      return known === undefined ? [] : [{ name, level: known.level, final: known.final }];
    });
    return { ok: !hasErrors(diagnostics), diagnostics, relations };
  }

  /** Returns a database that holds the facts of the program's text, and what follows from them. */
  open(): Database<R> {
    return new Database<R>(this.compiled);
  }

  /** Returns a database that holds these facts, too, with all that follows derived. */
  run(facts: Facts<R> = {}): Database<R> {
    const database = this.open();
    for (const name of Object.keys(facts)) database.insert(name, facts[name] ?? []);
    database.run();
    return database;
  }
}
