import { expect } from "chai";
import ts from "typescript";

import { importTable } from "../../src/imports.ts";
import { layerOf, parse, place, sources, vertices } from "./sources.ts";

/** Names of the global scope that read or change the world outside. Imports of modules that do so
 * are the import table's business. */
const worldly = new Set([
  ...["Date", "performance", "Temporal", "Intl", "crypto", "process", "console", "navigator"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Promise", "Worker"],
  ...["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "MessageChannel", "WeakRef"],
  ...["BroadcastChannel", "FinalizationRegistry", "localStorage", "indexedDB", "globalThis"],
  ...["global", "require"],
]);

/** Methods whose answer depends on the clock, on chance or on the machine's language. */
const worldlyMethods = new Set([
  ...["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"],
  ...["toLocaleDateString", "toLocaleTimeString"],
]);

describe("below the drivers (invariant 2)", () => {
  const below = sources.filter(({ path }) => importTable[layerOf(path)]?.pure === true);

  it("nothing reads a clock, chance or the environment, and nothing waits", () => {
    expect(below.flatMap(({ path, tree }) => impurities(path, tree))).to.deep.equal([]);
  });

  it("lie all stages and the simulator, and none of the drivers", () => {
    const layers = Object.keys(importTable).filter((layer) => importTable[layer]?.pure === false);
    expect(layers).to.deep.equal(["runtime", "client", "library", "server", "repl", "lsp", "cli"]);
  });

  it("each kind of impurity would be seen", () => {
    const lines = [
      "const a = new Date();",
      "const b = Math.random();",
      "setTimeout(f, 1);",
      "async function g() {}",
      "for await (const x of y) {}",
      'a.localeCompare("b");',
      "const h = { x: process };",
      "const i = { performance };",
      "const m = import.meta.url;",
    ];
    const text = lines.join("\n");
    expect(impurities("x.ts", parse("x.ts", text)).map((one) => one.split(" ")[0])).to.deep.equal(
      lines.map((_, at) => `x.ts:${at + 1}`),
    );
  });

  it("a field or a member of such a name is none", () => {
    const text =
      "const a = { process: 1 }; a.process; type T = { Date: number; console(): void };" +
      "type L = { tail(): Promise<number> };";
    expect(impurities("x.ts", parse("x.ts", text))).to.deep.equal([]);
  });
});

describe("generated code (invariant 5)", () => {
  it("is linked in codegen/link.ts and nowhere else", () => {
    const linking = sources.filter(({ tree }) => [...vertices(tree)].some(links));
    expect(linking.map(({ path }) => path)).to.deep.equal(["codegen/link.ts"]);
  });

  it("would be seen to be linked, however it is written", () => {
    const forms = [
      ...['new Function("1")', 'Function("1")', 'eval("1")', '(0, eval)("1")'],
      ...["WebAssembly.compile(b)", "new WebAssembly.Module(b)", 'WebAssembly["instantiate"](b)'],
    ];
    for (const form of forms) {
      expect([...vertices(parse("x.ts", form))].some(links), form).to.equal(true);
    }
    const harmless = parse("x.ts", "const f: Function = g; x.eval; WebAssembly.Memory;");
    expect([...vertices(harmless)].some(links)).to.equal(false);
  });
});

function impurities(path: string, tree: ts.SourceFile): string[] {
  return [...vertices(tree)].flatMap((vertex) => {
    const name = impurity(vertex);
    return name === undefined ? [] : [`${place(path, vertex)} uses ${name}`];
  });
}

function impurity(vertex: ts.Node): string | undefined {
  if (vertex.kind === ts.SyntaxKind.AsyncKeyword) return "async";
  if (vertex.kind === ts.SyntaxKind.AwaitKeyword) return "await";
  if (ts.isMetaProperty(vertex)) return vertex.getText();
  if (ts.isPropertyAccessExpression(vertex)) {
    if (worldlyMethods.has(vertex.name.text)) return vertex.name.text;
    if (vertex.getText() === "Math.random") return "Math.random";
  }
  if (ts.isIdentifier(vertex) && worldly.has(vertex.text) && !namesMember(vertex)) {
    return vertex.text;
  }
  return undefined;
}

/** True of the `x` in `a.x`, `{ x: 1 }`, `type T = { x: 1 }` and `{ x() {} }`, and where it is a
 * type: an interface that drivers implement may say that an answer comes later. */
function namesMember(identifier: ts.Identifier): boolean {
  const { parent } = identifier;
  if (ts.isTypeReferenceNode(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === identifier;
  if (ts.isQualifiedName(parent)) return parent.right === identifier;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
    parent.name === identifier
  );
}

function links(vertex: ts.Node): boolean {
  if (ts.isIdentifier(vertex)) {
    if (vertex.text === "eval") return !namesMember(vertex);
    const { parent } = vertex;
    const called = ts.isNewExpression(parent) || ts.isCallExpression(parent);
    return vertex.text === "Function" && called && parent.expression === vertex;
  }
  const member = ts.isPropertyAccessExpression(vertex)
    ? vertex.name.text
    : ts.isElementAccessExpression(vertex) && ts.isStringLiteralLike(vertex.argumentExpression)
      ? vertex.argumentExpression.text
      : undefined;
  if (member === undefined) return false;
  const { expression } = vertex as ts.PropertyAccessExpression | ts.ElementAccessExpression;
  const ofWasm = ts.isIdentifier(expression) && expression.text === "WebAssembly";
  return ofWasm && /^(compile|instantiate|Module$|Instance$)/.test(member);
}
