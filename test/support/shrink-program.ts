import type { GeneratedProgram, GeneratedRule } from "./generated-program.ts";

/** Returns a smaller program of which `fails` still holds, as it does of `program`: nothing more can
 * be left out of it. */
export function shrunk(
  program: GeneratedProgram,
  fails: (smaller: GeneratedProgram) => boolean,
): GeneratedProgram {
  for (;;) {
    let smaller: GeneratedProgram | undefined;
    for (const candidate of candidates(program)) {
      if (!fails(candidate)) continue;
      smaller = candidate;
      break;
    }
    if (smaller === undefined) return program;
    program = smaller;
  }
}

/** Programs with something left out, the boldest first. */
function* candidates(program: GeneratedProgram): Generator<GeneratedProgram> {
  const { rules, relations } = program;
  const { history, ...rest } = program;
  if (history !== undefined) yield rest;
  yield* smallerComponents(program);
  for (let length = rules.length >> 1; length >= 1; length >>= 1) {
    for (let from = 0; from < rules.length; from += length) {
      yield { ...program, rules: rules.toSpliced(from, length) };
    }
  }
  for (const [at, rule] of rules.entries()) {
    for (const smaller of smallerRules(rule)) {
      yield { ...program, rules: rules.with(at, smaller) };
    }
  }
  for (const [at, relation] of relations.entries()) {
    const { name, types, inline, output, representation, qualifier, lattice } = relation;
    const latticed = lattice === undefined ? {} : { lattice };
    const plain = { name, types, inline: false, output, ...latticed };
    if (inline || representation !== undefined)
      yield {
        ...program,
        relations: relations.with(at, {
          ...plain,
          ...(qualifier === undefined ? {} : { qualifier }),
        }),
      };
    if (!output) yield { ...program, relations: relations.with(at, { ...relation, output: true }) };
    if (qualifier !== undefined) yield { ...program, relations: relations.with(at, plain) };
  }
}

function* smallerComponents({
  component,
  ...program
}: GeneratedProgram): Generator<GeneratedProgram> {
  if (component === undefined) return;
  yield program;
  const { overridden: _, parameter: __, ...rest } = component;
  for (const smaller of [
    { ...component, inherited: [] },
    { ...rest, instances: component.instances.slice(0, 1), nested: false },
    { ...component, instances: component.instances.slice(0, 1) },
    { ...component, nested: false },
    rest,
  ]) {
    if (JSON.stringify(smaller) !== JSON.stringify(component))
      yield { ...program, component: smaller };
  }
  for (const name of component.members) {
    if (component.overridden?.name === name) continue;
    const others = (names: readonly string[]): string[] => names.filter((other) => other !== name);
    const [members, inherited] = [others(component.members), others(component.inherited)];
    if (members.length > 0) yield { ...program, component: { ...component, members, inherited } };
  }
}

function* smallerRules({ plan, instance, ...rule }: GeneratedRule): Generator<GeneratedRule> {
  const { heads, body, subsumes } = rule;
  const placed = instance === undefined ? {} : { instance };
  if (plan !== undefined) yield { ...rule, ...placed };
  if (instance !== undefined) yield plan === undefined ? rule : { ...rule, plan };
  if (heads.length > 1 && subsumes !== true)
    for (const head of heads) yield { heads: [head], body, ...placed };
  // An order of atoms does not fit a body with fewer of them.
  for (const at of body.keys()) yield { ...rule, ...placed, body: body.toSpliced(at, 1) };
  for (const [at, { simpler }] of body.entries()) {
    for (const piece of simpler) yield { ...rule, ...placed, body: body.with(at, piece) };
  }
}
