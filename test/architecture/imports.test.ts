import { posix } from "node:path";

import { expect } from "chai";
import ts from "typescript";

import { importTable } from "../../src/imports.ts";
import { layerOf, parse, place, type SourceText, sources, vertices } from "./sources.ts";

/** One import: the specifier, and whether it is of types alone. */
type Edge = { readonly from: string; readonly to: string; readonly types: boolean; at: string };

describe("imports (invariant 1)", () => {
  it("have a table whose rows name only rows above them", () => {
    const rows = Object.keys(importTable);
    const wrong = rows.flatMap((row, at) =>
      [...(importTable[row]?.folders ?? []), ...(importTable[row]?.types ?? [])]
        .filter((to) => !rows.slice(0, at).includes(to))
        .map((to) => `${row} -> ${to}`),
    );
    expect(wrong).to.deep.equal([]);
  });

  it("are found in every form in which they can be written", () => {
    const text = [
      'import { a } from "./a.ts";',
      'import type { B } from "./b.ts";',
      'import { type C, type D } from "./c.ts";',
      'import "./d.ts";',
      'export { e } from "./e.ts";',
      'export type { F } from "./f.ts";',
      'export * from "./g.ts";',
      'const h = import("./h.ts"), i = require("./i.ts");',
      'type J = import("./j.ts").J;',
    ].join("\n");
    const found = edgesOf({ path: "x.ts", text, tree: parse("x.ts", text) });
    expect(found.map(({ to, types }) => to + (types ? " (types)" : ""))).to.deep.equal([
      ...["./a.ts", "./b.ts (types)", "./c.ts (types)", "./d.ts", "./e.ts", "./f.ts (types)"],
      ...["./g.ts", "./h.ts", "./i.ts", "./j.ts (types)"],
    ]);
  });

  it("lead where the table lets them", () => {
    expect(sources.flatMap(edgesOf).flatMap(complaints)).to.deep.equal([]);
  });

  it("are refused where the table does not list them", () => {
    const refused = (from: string, to: string, types = false): boolean =>
      complaints({ from, to, types, at: from }).length > 0;
    expect(refused("base/source.ts", "../imports.ts")).to.equal(true);
    expect(refused("engine/x.ts", "node:fs")).to.equal(true);
    expect(refused("cli/x.ts", "node:fs")).to.equal(false);
    expect(refused("analysis/x.ts", "chevrotain")).to.equal(true);
    expect(refused("value/x.ts", "../base/assert.ts")).to.equal(false);
    expect(refused("value/x.ts", "../base/assert.js")).to.equal(true);
  });

  it("show syntax to no stage after analysis (invariant 4)", () => {
    // Folders that compose stages begin with text themselves.
    const composing = ["library", "server", "repl", "lsp", "cli"];
    const behind = Object.keys(importTable)
      .slice(Object.keys(importTable).indexOf("analysis") + 1)
      .filter((row) => !row.endsWith(".ts") && !composing.includes(row));
    expect(behind).to.include.members(["plan", "engine", "transducer", "calvin", "witness"]);
    const shown = behind.filter((row) =>
      [...(importTable[row]?.folders ?? []), ...(importTable[row]?.types ?? [])].includes("syntax"),
    );
    expect(shown).to.deep.equal([]);
  });

  it("form no cycle", () => {
    const edges = new Map<string, string[]>();
    for (const source of sources) {
      const targets = edgesOf(source).filter(({ to }) => to.startsWith("."));
      edges.set(source.path, targets.map(target));
    }
    expect(firstCycle(edges)).to.deep.equal([]);
  });

  it("would be seen to form a cycle", () => {
    const edges = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", []],
      ["d", ["b"]],
    ]);
    expect(firstCycle(edges)).to.deep.equal(["b", "d", "b"]);
  });
});

function edgesOf({ path, tree }: SourceText): Edge[] {
  return [...vertices(tree)].flatMap((vertex) => {
    const found = imported(vertex);
    if (found === undefined) return [];
    return [{ from: path, to: found.to, types: found.types, at: place(path, vertex) }];
  });
}

function imported(vertex: ts.Node): { to: string; types: boolean } | undefined {
  if (ts.isImportDeclaration(vertex)) {
    return { to: text(vertex.moduleSpecifier), types: ofTypes(vertex.importClause) };
  }
  if (ts.isExportDeclaration(vertex) && vertex.moduleSpecifier !== undefined) {
    return { to: text(vertex.moduleSpecifier), types: vertex.isTypeOnly };
  }
  if (ts.isImportTypeNode(vertex) && ts.isLiteralTypeNode(vertex.argument)) {
    return { to: text(vertex.argument.literal), types: true };
  }
  if (ts.isCallExpression(vertex) && vertex.arguments[0] !== undefined) {
    const { expression } = vertex;
    const dynamic = expression.kind === ts.SyntaxKind.ImportKeyword;
    const required = ts.isIdentifier(expression) && expression.text === "require";
    if (dynamic || required) return { to: text(vertex.arguments[0]), types: false };
  }
  return undefined;
}

function ofTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function text(specifier: ts.Node): string {
  return ts.isStringLiteralLike(specifier) ? specifier.text : "(computed)";
}

function target({ from, to }: Edge): string {
  return posix.normalize(posix.join(posix.dirname(from), to));
}

function complaints(edge: Edge): string[] {
  const layer = layerOf(edge.from);
  const row = importTable[layer];
  if (row === undefined) return [`${edge.at}: ${layer} is not in the import table`];

  if (!edge.to.startsWith(".")) {
    const listed =
      row.modules.includes(edge.to) ||
      (row.modules.includes("node:*") && edge.to.startsWith("node:"));
    return listed ? [] : [`${edge.at}: ${layer} may not import the module ${edge.to}`];
  }
  const to = target(edge);
  if (!sources.some(({ path }) => path === to)) return [`${edge.at}: src/${to} does not exist`];
  const toLayer = layerOf(to);
  const allowed =
    toLayer === layer ||
    row.folders.includes(toLayer) ||
    (edge.types && row.types.includes(toLayer));
  return allowed ? [] : [`${edge.at}: ${layer} may not import ${toLayer}`];
}

/** The first cycle that a depth-first walk meets, its first file repeated at the end, or []. */
function firstCycle(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (from: string): string[] => {
    const openAt = path.indexOf(from);
    if (openAt >= 0) return [...path.slice(openAt), from];
    if (done.has(from)) return [];
    path.push(from);
    for (const to of edges.get(from) ?? []) {
      const cycle = walk(to);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(from);
    return [];
  };
  for (const from of edges.keys()) {
    const cycle = walk(from);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
