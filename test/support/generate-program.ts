// Random programs with random facts: what the language has, in bodies that are safe and well-typed
// by construction. Relations lie in levels; a rule reads its own level, and negates and aggregates
// the levels below, so that programs are stratified. Where a rule reads its own level, what it
// computes is kept within small bounds, so that programs end.
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
  const relations = generateRelations(chance);
  const factsMax = chance.chance(0.1) ? 60 : 9;
  const facts = relations.flatMap((relation) => generateFacts(relation, factsMax, chance, domain));
  // Where every relation starts from what is there, every output has a tuple.
  const filled = chance.chance(0.8);
  const rules = relations.flatMap((relation): GeneratedRule[] => {
    if (relation.level === 0) return [];
    const maker = (): RuleGenerator => new RuleGenerator(relation, relations, chance, domain);
    const count = relation.inline ? chance.between(1, 2) : chance.between(1, 3);
    const own = Array.from({ length: count }, (_, at) =>
      at === 0 && filled ? maker().start() : maker().rule(at === 0),
    );
    return relation.better === undefined || relation.lattice !== undefined
      ? own
      : [...own, maker().subsumption()];
  });
  const chosen = relations.some(({ qualifier }) => qualifier?.startsWith("choice") === true);
  const all = chance.shuffled([...facts, ...rules]).map(chosen ? withWholeCharacters : same);
  const component = chance.chance(0.3) ? generateComponent(relations, chance, domain) : undefined;
  if (component === undefined) return { domain, relations, rules: all };
  const placed = all.map((rule) =>
    chance.chance(0.15) && rule.subsumes !== true ? { ...rule, instance: chance.below(2) } : rule,
  );
  return { domain, relations, rules: placed, component };
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

function generateRelations(chance: Random): Levelled[] {
  const columns = (): GeneratedType[] =>
    Array.from({ length: chance.pick([0, 1, 1, 2, 2, 2, 3, 3]) }, () => chance.pick(types));
  const relations: Levelled[] = [];
  for (let at = 0; at < chance.between(2, 4); at++) {
    const own = at === 0 ? (["number", "number"] as const) : columns();
    relations.push({ name: `base${at}`, types: own, inline: false, level: 0 });
  }
  const levels = chance.between(1, 4);
  for (let level = 1; level <= levels; level++) {
    const kind = chance.pick(levelKinds);
    const of = { name: `rel${level}a`, inline: kind === "inline", level };
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
        const own = [...columns().slice(0, 2), chance.pick(["number", "unsigned"] as const)];
        const better = chance.pick(["<", ">"] as const);
        relations.push({ ...of, types: own, better, lattice: better === "<" ? "Min" : "Max" });
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
const levelKinds = [
  ...(["plain", "plain", "plain", "plain", "plain", "plain", "plain", "plain"] as const),
  ...(["plain", "inline", "inline", "eqrel", "eqrel", "subsumption", "subsumption"] as const),
  ...(["choice", "lattice"] as const),
];

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
