// A generated program is kept in pieces, so that it can be made smaller piece by piece.
import type { Domain, ValueKind } from "../../src/value/schema.ts";

/** A relation of a generated program. */
export type GeneratedRelation = {
  readonly name: string;
  readonly kinds: readonly ValueKind[];
  readonly inline: boolean;
};

/** A literal: its text, and what could stand there instead and is simpler. */
export type Piece = { readonly text: string; readonly simpler: readonly Piece[] };

/** A rule; without a body it is a fact. `plan` is what follows `.plan`. */
export type GeneratedRule = {
  readonly heads: readonly string[];
  readonly body: readonly Piece[];
  readonly plan?: string;
};

/** A program in pieces. */
export type GeneratedProgram = {
  readonly domain: Domain;
  readonly relations: readonly GeneratedRelation[];
  readonly rules: readonly GeneratedRule[];
};

/** The program as a text. A plain one has neither `inline` nor `.plan`, which do not change what it
 * means. Relations that are not mentioned are left out. */
export function textOfProgram(
  { relations, rules }: GeneratedProgram,
  { plain }: { readonly plain: boolean },
): string {
  const clauses = rules.map(({ heads, body, plan }) => {
    const head = heads.join(", ");
    const clause =
      body.length === 0 ? head : `${head} :- ${body.map(({ text }) => text).join(", ")}`;
    return plan === undefined || plain ? `${clause}.` : `${clause}.\n.plan ${plan}`;
  });
  const mentioned = relations.filter(({ name }) =>
    clauses.some((clause) => clause.includes(`${name}(`)),
  );
  const declarations = mentioned.map(({ name, kinds, inline }) => {
    const attributes = kinds.map((kind, at) => `c${at}: ${kind}`).join(", ");
    return `.decl ${name}(${attributes})${inline && !plain ? " inline" : ""}`;
  });
  const outputs = mentioned.filter(({ inline }) => !inline).map(({ name }) => `.output ${name}`);
  return [...declarations, ...clauses, ...outputs].join("\n") + "\n";
}
