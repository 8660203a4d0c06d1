import { basename } from "node:path";

import { expect } from "chai";
import ts from "typescript";

import { parse, place, sources } from "./sources.ts";

const linesMax = 400;
const columnsMax = 100;
const drawers = ["utils", "util", "helpers", "helper", "common", "misc", "types"];

describe("every file of src", () => {
  it("is named after what it holds", () => {
    const names = sources.map(({ path }) => path);
    expect(names.filter((path) => drawers.includes(basename(path, ".ts")))).to.deep.equal([]);
  });

  it("exports by name", () => {
    const found = sources.flatMap(({ path, tree }) =>
      tree.statements.filter(exportsDefault).map((statement) => place(path, statement)),
    );
    expect(found).to.deep.equal([]);
  });

  it("says what each of its exports is", () => {
    const found = sources.flatMap(({ path, tree }) =>
      tree.statements.filter(undocumented).map((statement) => place(path, statement)),
    );
    expect(found).to.deep.equal([]);
  });

  it("says at its top for which reason it is long, where it is", () => {
    const found = sources.filter(({ text }) => {
      const lines = text.trimEnd().split("\n");
      return lines.length > linesMax && !/reason|because/i.test(lines.slice(0, 12).join("\n"));
    });
    expect(found.map(({ path }) => path)).to.deep.equal([]);
  });

  it("keeps its lines short", () => {
    const found = sources.flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, at) => {
        const columns = line.length;
        return columns > columnsMax ? [`${path}:${at + 1} has ${columns} columns`] : [];
      }),
    );
    expect(found).to.deep.equal([]);
  });
});

describe("these checks", () => {
  const statements = (text: string): ts.Statement[] => [...parse("x.ts", text).statements];

  it("see each form of a default export", () => {
    const forms = ["export default 1;", "export default class A {}", "export { a as default };"];
    for (const form of forms) expect(statements(form).some(exportsDefault), form).to.equal(true);
    expect(statements("export { a as b }; export const c = 1;").some(exportsDefault)).to.equal(
      false,
    );
  });

  it("see an export without its sentence", () => {
    expect(statements("export const a = 1;").some(undocumented)).to.equal(true);
    expect(statements("// a\nexport type A = 1;").some(undocumented)).to.equal(true);
    expect(statements("/** One. */\nexport const a = 1;").some(undocumented)).to.equal(false);
    expect(statements("const a = 1; export { a };").some(undocumented)).to.equal(false);
  });
});

function exportsDefault(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    if (clause === undefined || !ts.isNamedExports(clause)) return false;
    return clause.elements.some(({ name }) => name.text === "default");
  }
  return modifiers(statement).includes(ts.SyntaxKind.DefaultKeyword);
}

function undocumented(statement: ts.Statement): boolean {
  if (!modifiers(statement).includes(ts.SyntaxKind.ExportKeyword)) return false;
  // The overloads of a function share the sentence of the first.
  if (ts.isFunctionDeclaration(statement)) {
    const { statements } = statement.getSourceFile();
    const first = statements.find(
      (other) => ts.isFunctionDeclaration(other) && other.name?.text === statement.name?.text,
    );
    return first === statement && ts.getJSDocCommentsAndTags(statement).length === 0;
  }
  return ts.getJSDocCommentsAndTags(statement).length === 0;
}

function modifiers(statement: ts.Statement): ts.SyntaxKind[] {
  if (!ts.canHaveModifiers(statement)) return [];
  return (ts.getModifiers(statement) ?? []).map(({ kind }) => kind);
}
