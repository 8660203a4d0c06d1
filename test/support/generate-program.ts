// Random programs with random facts: what the language has, in bodies that are safe and well-typed
// by construction. Relations lie in levels; a rule reads its own level, and negates and aggregates
// the levels below, so that programs are stratified. Where a rule reads its own level, what it
// computes is kept within small bounds, so that programs end.
//
// Two constructs are left out. What `.limitsize` keeps depends on how much a round derives at once,
// which the language leaves open; that the limit is met or all is there says too little. And
// `autoinc()` numbers the ways to derive a tuple: how many there are for values that nothing reads
// is up to the order of joins, so that not even sizes are the program's.
import { random, type Random } from "../../src/base/random.ts";
import type { Domain } from "../../src/value/schema.ts";
import { RuleGenerator, types, type Levelled } from "./generate-rule.ts";
import { constant, type GeneratedType } from "./generate-type.ts";
import type {
  GeneratedComponent,
  GeneratedProgram,
  GeneratedRule,
  Piece,
} from "./generated-program.ts";

/** Returns the program of a seed: the same one for the same seed and domain. */
export function generateProgram(seed: number, domain: Domain): GeneratedProgram {
  const chance = random(seed);
  const asks = chance.chance(0.4);
  // What depends on an order, and all below it, is never derived on demand.
  const kinds = asks && chance.chance(0.6) ? plainKinds : levelKinds;
  const all = generateRelations(kinds, chance);
  const relations = asks ? asked(all, chance) : all;
  const factsMax = chance.chance(0.1) ? 60 : 9;
  const facts = relations.flatMap((relation) => generateFacts(relation, factsMax, chance, domain));
  // Where every relation starts from what is there, every output has a tuple.
  const filled = chance.chance(0.8);
  const rules = relations.flatMap((relation): GeneratedRule[] => {
    if (relation.level === 0) return [];
    const maker = (): RuleGenerator => new RuleGenerator(relation, relations, chance, domain);
    if (relation.asks === true)
      return Array.from({ length: chance.between(1, 2) }, () => maker().question());
    const count = relation.inline ? chance.between(1, 2) : chance.between(1, 3);
    const own = Array.from({ length: count }, (_, at) =>
      at === 0 && filled ? maker().start() : maker().rule(at === 0),
    );
    return relation.better === undefined || relation.lattice !== undefined
      ? own
      : [...own, maker().subsumption()];
  });
  const chosen = relations.some(({ qualifier }) => qualifier?.startsWith("choice") === true);
  const clauses = chance.shuffled([...facts, ...rules]).map(chosen ? withWholeCharacters : same);
  const remembered = chance.chance(0.15) ? relations.filter(hasHistory) : [];
  const history = remembered.length === 0 ? {} : { history: chance.pick(remembered).name };
  const component = chance.chance(0.3) ? generateComponent(relations, chance, domain) : undefined;
  if (component === undefined) return { domain, relations, rules: clauses, ...history };
  const placed = clauses.map((rule) =>
    chance.chance(0.15) && rule.subsumes !== true ? { ...rule, instance: chance.below(2) } : rule,
  );
  return { domain, relations, rules: placed, component, ...history };
}

/** The relations of a program that puts out the answers to a question and little else, and derives
 * the others on demand. */
function asked(relations: readonly Levelled[], chance: Random): Levelled[] {
  const level = 1 + Math.max(...relations.map((relation) => relation.level));
  const types = columnTypes(chance);
  const own = { name: "asked", types, inline: false, output: true, level, asks: true } as const;
  const others = relations.map((relation) => {
    if (relation.inline) return relation;
    const { representation = chance.chance(0.5) ? "magic" : undefined } = relation;
    const said = representation === undefined ? {} : { representation };
    return { ...relation, ...said, output: chance.chance(0.1) };
  });
  return [...others, own];
}

function columnTypes(chance: Random): GeneratedType[] {
  const count = chance.pick([0, 1, 1, 2, 2, 2, 3, 3]);
  return Array.from({ length: count }, () => chance.pick(types));
}

/** Whether `debug_delta` of it is allowed, and says of each tuple when it came. */
function hasHistory({ level, inline, qualifier, better, asks }: Levelled): boolean {
  return level > 0 && !inline && asks !== true && qualifier === undefined && better === undefined;
}

/** A rule whose texts have characters of one byte alone: what was chosen is checked as it is shown,
 * and of a character's part that does not say enough. */
function withWholeCharacters(rule: GeneratedRule): GeneratedRule {
  const plain = (text: string): string => text.replaceAll("é", "e").replaceAll("\u{10000}", "z");
  const piece = ({ text, simpler }: Piece): Piece => ({
    text: plain(text),
    simpler: simpler.map(piece),
  });
  return { ...rule, heads: rule.heads.map(plain), body: rule.body.map(piece) };
}

function same(rule: GeneratedRule): GeneratedRule {
  return rule;
}

function generateRelations(kinds: readonly LevelKind[], chance: Random): Levelled[] {
  const columns = (): GeneratedType[] => columnTypes(chance);
  const relations: Levelled[] = [];
  for (let at = 0; at < chance.between(2, 4); at++) {
    const own = at === 0 ? (["number", "number"] as const) : columns();
    relations.push({ name: `base${at}`, types: own, inline: false, output: true, level: 0 });
  }
  const levels = chance.between(1, 4);
  for (let level = 1; level <= levels; level++) {
    const kind = chance.pick(kinds);
    const of = { name: `rel${level}a`, inline: kind === "inline", output: true, level };
    switch (kind) {
      case "inline":
        relations.push({ ...of, name: `inlined${level}`, types: columns() });
        break;
      case "eqrel": {
        const type = chance.pick(types);
        relations.push({ ...of, types: [type, type], qualifier: "eqrel" });
        break;
      }
      case "choice":
        relations.push({ ...of, ...chosen([chance.pick(types), ...columns()], chance) });
        break;
      case "subsumption": {
        const last = chance.pick(["number", "unsigned", "float"] as const);
        const own = [...columns().slice(0, 2), last];
        relations.push({ ...of, types: own, better: chance.pick(["<", ">"] as const) });
        break;
      }
      case "lattice": {
        const { better, lattices, last } = chance.pick(latticeKinds);
        const own = [...columns().slice(0, 2), chance.pick(last)];
        relations.push({ ...of, types: own, better, lattice: chance.pick(lattices) });
        break;
      }
      case "plain":
        for (let at = 0; at < chance.between(1, 2); at++) {
          const representation = chance.chance(0.2) ? chance.pick(representations) : undefined;
          relations.push({
            ...of,
            ...{ name: `rel${level}${"ab"[at]}`, types: columns() },
            ...(representation === undefined ? {} : { representation }),
          });
        }
        break;
    }
  }
  return relations;
}

/** What the relations of a level are, as often as it occurs. Where it matters when a tuple is there
 * or no longer, a relation has a level of its own. */
const plainKinds = ["plain", "plain", "plain", "plain", "inline", "eqrel"] as const;
const levelKinds = [
  ...(["plain", "plain", "plain", "plain", "plain", "plain", "plain", "plain"] as const),
  ...(["plain", "inline", "inline", "eqrel", "eqrel", "subsumption", "subsumption"] as const),
  ...(["choice", "choice", "lattice", "lattice"] as const),
];
type LevelKind = (typeof levelKinds)[number];

/** Lattices over which types, and which values stand higher in them. */
const latticeKinds = [
  { better: "<", lattices: ["Min", "Min", "Low"], last: ["number"] },
  { better: "<", lattices: ["Min"], last: ["unsigned"] },
  { better: ">", lattices: ["Max", "Max", "High"], last: ["number"] },
  { better: ">", lattices: ["Max", "Bits", "Bits"], last: ["unsigned"] },
] as const;

const representations = ["brie", "btree", "no_inline", "no_magic"] as const;

/** Columns, and which of them are keys. */
function chosen(
  columns: readonly GeneratedType[],
  chance: Random,
): Pick<Levelled, "types" | "qualifier"> {
  const keys = Array.from({ length: chance.between(1, 2) }, () => {
    const some = chance.shuffled(columns.map((_, at) => `c${at}`));
    const key = some.slice(0, chance.between(1, Math.min(2, some.length)));
    return key.length === 1 ? key.join() : `(${key.join(", ")})`;
  });
  return { types: columns, qualifier: `choice-domain ${keys.join(", ")}` };
}

function generateFacts(
  relation: Levelled,
  factsMax: number,
  chance: Random,
  domain: Domain,
): GeneratedRule[] {
  const { name, types: columns, level, inline } = relation;
  if (inline) return [];
  const count = level === 0 ? chance.between(1, factsMax) : chance.chance(0.2) ? 2 : 0;
  return Array.from({ length: count }, () => {
    const values = columns.map((type) => constant(type, chance, domain));
    return { heads: [`${name}(${values.join(", ")})`], body: [] };
  });
}

/** A component that holds the relations of some levels that lie above each other. */
function generateComponent(
  relations: readonly Levelled[],
  chance: Random,
  domain: Domain,
): GeneratedComponent {
  const highest = Math.max(...relations.map(({ level }) => level));
  const from = chance.between(1, highest);
  const to = chance.between(from, highest);
  const inside = relations.filter(({ level }) => level >= from && level <= to);
  const members = inside.map(({ name }) => name);
  const inherited = chance.chance(0.5) ? members.filter(() => chance.chance(0.7)) : [];
  const hooks = inside.filter(({ name, inline }) => inherited.includes(name) && !inline);
  const hook = hooks.length > 0 && chance.chance(0.6) ? chance.pick(hooks) : undefined;
  const parameters = inside.flatMap((relation) => relation.types);
  const values = hook?.types.map((type) => constant(type, chance, domain)) ?? [];
  return {
    members,
    inherited,
    nested: chance.chance(0.3),
    instances: chance.chance(0.5) ? ["one"] : ["one", "two"],
    ...(parameters.length > 0 && chance.chance(0.7) ? { parameter: chance.pick(parameters) } : {}),
    ...(hook === undefined
      ? {}
      : { overridden: { name: hook.name, fact: `${hook.name}(${values.join(", ")})` } }),
  };
}
