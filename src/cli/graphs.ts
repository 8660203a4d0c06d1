// What relations depend on, as text and in the language of Graphviz.
import type { Literal, Program } from "../analysis/program.ts";

/** An edge says that `to` is derived from `from`, and whether that needs all of `from`: it is
 * negated or aggregated. */
type Edge = { readonly from: number; readonly to: number; readonly whole: boolean };

/** Returns the graph of relations. Edges of negation and aggregates are dashed. */
export function precedenceGraph(program: Program): string {
  const names = program.relations.map(({ name }) => name);
  return graph("precedence", names, edgesOf(program));
}

/** Returns a line for each relation that others are derived from: `path: edge, !closed`. */
export function precedenceText(program: Program): string {
  const names = program.relations.map(({ name }) => name);
  return list(names, edgesOf(program));
}

/** Returns the graph of strata, each with its relations. */
export function stratumGraph(program: Program): string {
  return graph("strata", stratumNames(program), stratumEdges(program));
}

/** Returns a line for each stratum, in the order of evaluation, with those that it reads. */
export function stratumText(program: Program): string {
  return list(stratumNames(program), stratumEdges(program));
}

function stratumNames({ strata, relations }: Program): string[] {
  return strata.map((stratum) =>
    stratum.relations.map((at) => relations[at]?.name ?? "").join(", "),
  );
}

function stratumEdges(program: Program): Edge[] {
  const stratumOf = new Map(
    program.strata.flatMap(({ relations }, at) => relations.map((one) => [one, at] as const)),
  );
  const edges = edgesOf(program).map(({ from, to, whole }) => ({
    from: stratumOf.get(from) ?? 0,
    to: stratumOf.get(to) ?? 0,
    whole,
  }));
  return distinct(edges.filter(({ from, to }) => from !== to));
}

function edgesOf({ rules }: Program): Edge[] {
  const read = (body: readonly Literal[], to: number, whole: boolean): Edge[] =>
    body.flatMap((literal) => {
      if (literal.kind === "atom") return [{ from: literal.relation, to, whole }];
      if (literal.kind === "negation") return [{ from: literal.relation, to, whole: true }];
      return literal.kind === "aggregate" ? read(literal.body, to, true) : [];
    });
  return distinct(rules.flatMap(({ head, body }) => read(body, head.relation, false)));
}

function distinct(edges: readonly Edge[]): Edge[] {
  const byKey = new Map(edges.map((edge) => [`${edge.from} ${edge.to} ${edge.whole}`, edge]));
  return [...byKey.values()].sort(
    (a, b) => a.to - b.to || a.from - b.from || Number(a.whole) - Number(b.whole),
  );
}

function graph(name: string, vertices: readonly string[], edges: readonly Edge[]): string {
  const shown = vertices.map((label, at) => `  v${at} [label=${JSON.stringify(label)}];\n`);
  const arrows = edges.map(
    ({ from, to, whole }) => `  v${from} -> v${to}${whole ? " [style=dashed]" : ""};\n`,
  );
  return `digraph ${name} {\n${shown.join("")}${arrows.join("")}}\n`;
}

function list(vertices: readonly string[], edges: readonly Edge[]): string {
  return vertices
    .map((label, at) => {
      const from = edges.filter(({ to }) => to === at);
      const names = from.map((edge) => `${edge.whole ? "!" : ""}${vertices[edge.from] ?? ""}`);
      return names.length === 0 ? `${label}\n` : `${label}: ${names.join("; ")}\n`;
    })
    .join("");
}
