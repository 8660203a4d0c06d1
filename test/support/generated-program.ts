// A generated program is kept in pieces, so that it can be made smaller piece by piece.
import type { Domain } from "../../src/value/schema.ts";
import { functorDeclarations } from "./generate-expression.ts";
import { typeDeclarations, type GeneratedType } from "./generate-type.ts";

/** A relation of a generated program. */
export type GeneratedRelation = {
  readonly name: string;
  readonly types: readonly GeneratedType[];
  readonly inline: boolean;
  /** A qualifier that changes nothing but speed. */
  readonly representation?: "brie" | "btree" | "btree_delete" | "no_inline" | "no_magic" | "magic";
  /** What else its declaration says: `eqrel`, or its choice domains. */
  readonly qualifier?: string;
  /** The lattice that the last column is of. */
  readonly lattice?: GeneratedLattice;
  /** Whether it is put out; if not, and it is derived on demand, it need not be whole. */
  readonly output: boolean;
};

/** A literal: its text, and what could stand there instead and is simpler. */
export type Piece = { readonly text: string; readonly simpler: readonly Piece[] };

/** A rule; without a body it is a fact. `plan` is what follows `.plan`. */
export type GeneratedRule = {
  readonly heads: readonly string[];
  readonly body: readonly Piece[];
  readonly plan?: string;
  /** The first head is dropped for the second. */
  readonly subsumes?: true;
  /** Where there is a component: of which of its instances the rule speaks, which then stands
   * outside of it. */
  readonly instance?: number;
};

/** A component that holds a part of a program, and its instances. */
export type GeneratedComponent = {
  /** The names of the relations that are declared in it. */
  readonly members: readonly string[];
  /** Those of them that it has from a base. */
  readonly inherited: readonly string[];
  /** One of these for which it does not take the rules of the base, but its own, and a fact of the
   * base that is thereby dropped. */
  readonly overridden?: { readonly name: string; readonly fact: string };
  /** The type that is its parameter. */
  readonly parameter?: GeneratedType;
  /** Its instances are those of another component, which has one instance. */
  readonly nested: boolean;
  readonly instances: readonly string[];
};

/** A program in pieces. */
export type GeneratedProgram = {
  readonly domain: Domain;
  readonly relations: readonly GeneratedRelation[];
  readonly rules: readonly GeneratedRule[];
  readonly component?: GeneratedComponent;
  /** The relation of which `history` has the tuples with their rounds. */
  readonly history?: string;
};

/** Predeclared lattices, and such as programs declare. */
export type GeneratedLattice = "Min" | "Max" | "Low" | "High" | "Bits";

/** Declarations of lattices over the types that are their names. */
const latticeDeclarations: ReadonlyMap<GeneratedLattice, readonly string[]> = new Map([
  ["Low", [".type Low = number", ".lattice Low<> { Lub -> min(_, _), Glb -> max(_, _) }"]],
  ["High", [".type High = number", ".lattice High<> { Lub -> max(_, _), Glb -> min(_, _) }"]],
  ["Bits", [".type Bits = unsigned", ".lattice Bits<> { Lub -> _ bor _, Glb -> _ band _ }"]],
]);

/** The program as a text. A plain one has no components, for which names have `_` where they would
 * have dots, and neither `inline` nor `.plan` nor other words that do not change what it means.
 * Relations that are not mentioned are left out. */
export function textOfProgram(
  program: GeneratedProgram,
  { plain }: { readonly plain: boolean },
): string {
  const { component } = program;
  const lines =
    component === undefined
      ? [...declarations(program, plain), ...program.rules.map((rule) => clause(rule, plain))]
      : plain
        ? flat(program, component)
        : composed(program, component);
  // The plain program has no rounds, and so no history.
  const history = plain ? [] : historyOf(program);
  const text = lines.join("\n");
  const lattices = [...latticeDeclarations].flatMap(([name, declared]) =>
    text.includes(`: ${name}<>`) ? declared : [],
  );
  const declared = [...typeDeclarations(text), ...functorDeclarations(text), ...lattices];
  return [...declared, ...lines, ...history].join("\n") + "\n";
}

function historyOf({ history, relations, rules, component }: GeneratedProgram): string[] {
  if (history === undefined || relations.every(({ name }) => name !== history)) return [];
  const lines = rules.map((rule) => clause(rule, true));
  if (!lines.some((line) => line.includes(`${history}(`))) return [];
  const path =
    component?.members.includes(history) === true
      ? `${pathOf(component, component.instances[0]!)}.${history}`
      : history;
  return [`.decl history = debug_delta(${path})`, ".output history"];
}

function clause({ heads, body, plan, subsumes }: GeneratedRule, plain: boolean): string {
  const head = heads.join(subsumes === true ? " <= " : ", ");
  const text = body.length === 0 ? head : `${head} :- ${body.map((of) => of.text).join(", ")}`;
  return plan === undefined || plain ? `${text}.` : `${text}.\n.plan ${plan}`;
}

/** The declarations of relations that rules mention, with `.output`. */
function declarations(
  { relations, rules }: Pick<GeneratedProgram, "relations" | "rules">,
  plain: boolean,
): string[] {
  const text = rules.map((rule) => clause(rule, true)).join("\n");
  return relations.flatMap((relation) => {
    const { name, types, inline, representation, qualifier = "", lattice, output } = relation;
    if (!text.includes(`${name}(`)) return [];
    const attributes = types
      .map((type, at) =>
        lattice === undefined || at < types.length - 1
          ? `c${at}: ${type}`
          : `c${at}: ${lattice}<${lattice === "Min" || lattice === "Max" ? type : ""}>`,
      )
      .join(", ");
    const words = plain ? [qualifier] : [representation, inline ? "inline" : "", qualifier];
    const said = words
      .map((word) => (word === undefined || word === "" ? "" : ` ${word}`))
      .join("");
    const declaration = `.decl ${name}(${attributes})${said}`;
    return inline || !output ? [declaration] : [declaration, `.output ${name}`];
  });
}

/** The program with the component taken apart: once more for each instance. */
function flat(program: GeneratedProgram, component: GeneratedComponent): string[] {
  const { inside, outside } = parts(program, component);
  const of = (instance: string, rule: GeneratedRule): GeneratedRule =>
    renamed(rule, component.members, `${pathOf(component, instance).replaceAll(".", "_")}_`);
  const rules = [
    ...component.instances.flatMap((instance) => inside.map((rule) => of(instance, rule))),
    ...outside.map((rule) => of(instanceOf(rule, component), rule)),
  ];
  const relations = program.relations.flatMap((relation) => {
    if (!component.members.includes(relation.name)) return [relation];
    return component.instances.map((instance) => ({
      ...relation,
      name: `${pathOf(component, instance).replaceAll(".", "_")}_${relation.name}`,
    }));
  });
  return [...declarations({ relations, rules }, true), ...rules.map((rule) => clause(rule, true))];
}

/** The program with its component. */
function composed(program: GeneratedProgram, component: GeneratedComponent): string[] {
  const { inherited, overridden, parameter, nested, instances, members } = component;
  const { inside, outside } = parts(program, component);
  const formal = parameter === undefined ? "" : "<T>";
  const actual = parameter === undefined ? "" : `<${parameter}>`;

  const declared = (names: readonly string[]): string[] => {
    const relations = program.relations.filter(({ name }) => names.includes(name));
    const lines = declarations({ relations, rules: program.rules }, false);
    return lines.map((line) => {
      const close = line.indexOf(")") + 1;
      const own = line.slice(0, close);
      const hook = overridden !== undefined && own.includes(` ${overridden.name}(`);
      const typed = parameter === undefined ? own : own.replaceAll(`: ${parameter}`, ": T");
      return typed + (hook ? " overridable" : "") + line.slice(close);
    });
  };
  const inBase = ({ heads }: GeneratedRule): boolean =>
    heads.every((head) => inherited.includes(nameIn(head)) && nameIn(head) !== overridden?.name);
  const body = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

  const lines: string[] = [];
  if (inherited.length > 0) {
    const own = inside.filter(inBase).map((rule) => clause(rule, false));
    const dropped = overridden === undefined ? [] : [`${overridden.fact}.`];
    lines.push(`.comp Base${formal} {`, ...body([...declared(inherited), ...dropped, ...own]), "}");
  }
  const own = inside.filter((rule) => inherited.length === 0 || !inBase(rule));
  const rest = members.filter((name) => !inherited.includes(name));
  lines.push(
    `.comp Part${formal}${inherited.length > 0 ? ` : Base${formal}` : ""} {`,
    ...body(overridden === undefined ? [] : [`.override ${overridden.name}`]),
    ...body([...declared(rest), ...own.map((rule) => clause(rule, false))]),
    "}",
  );
  const made = (of: string): string[] => instances.map((name) => `.init ${name} = Part${of}`);
  if (nested) {
    lines.push(
      `.comp Outer${formal} {`,
      ...body(made(formal)),
      "}",
      `.init outer = Outer${actual}`,
    );
  } else lines.push(...made(actual));

  const others = program.relations.filter(({ name }) => !members.includes(name));
  return [
    ...declarations({ relations: others, rules: program.rules }, false),
    ...lines,
    ...outside.map((rule) => {
      const path = pathOf(component, instanceOf(rule, component));
      return clause(renamed(rule, members, `${path}.`), false);
    }),
  ];
}

/** The rules that stand in the component, and the others. */
function parts(
  { rules }: GeneratedProgram,
  { members }: GeneratedComponent,
): { inside: GeneratedRule[]; outside: GeneratedRule[] } {
  const own = ({ heads, instance }: GeneratedRule): boolean =>
    instance === undefined && heads.every((head) => members.includes(nameIn(head)));
  return { inside: rules.filter(own), outside: rules.filter((rule) => !own(rule)) };
}

function pathOf({ nested }: GeneratedComponent, instance: string): string {
  return nested ? `outer.${instance}` : instance;
}

function instanceOf({ instance = 0 }: GeneratedRule, { instances }: GeneratedComponent): string {
  return instances[instance % instances.length]!;
}

/** The relation's name in the text of an atom. */
function nameIn(atom: string): string {
  return atom.slice(0, atom.indexOf("("));
}

function renamed(rule: GeneratedRule, names: readonly string[], prefix: string): GeneratedRule {
  const pattern = new RegExp(`\\b(?=(?:${names.join("|")})\\()`, "g");
  const change = (text: string): string => text.replaceAll(pattern, prefix);
  return {
    ...rule,
    heads: rule.heads.map(change),
    body: rule.body.map(({ text, simpler }) => ({ text: change(text), simpler })),
  };
}
