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
    if (!relation.inline) continue;
    yield { ...program, relations: relations.with(at, { ...relation, inline: false }) };
  }
}

function* smallerRules({ heads, body, plan }: GeneratedRule): Generator<GeneratedRule> {
  if (plan !== undefined) yield { heads, body };
  if (heads.length > 1) for (const head of heads) yield { heads: [head], body };
  // An order of atoms does not fit a body with fewer of them.
  for (const at of body.keys()) yield { heads, body: body.toSpliced(at, 1) };
  for (const [at, { simpler }] of body.entries()) {
    for (const piece of simpler) yield { heads, body: body.with(at, piece) };
  }
}
