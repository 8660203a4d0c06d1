/** Returns a program of many instances of components: as many analyses as `instances`, each of 50
 * rules in three layers that inherit one another, and each fed by the one before it. */
export function componentProgram(instances: number): string {
  const uses = Array.from({ length: instances }, (_, at) => {
    const links = [
      `a${at}.statement(x, y) :- ${at === 0 ? "source(x, y)" : `a${at - 1}.pointsTo(x, y)`}.`,
      `a${at}.variable(x) :- a${at}.statement(x, _).`,
    ];
    return `.init a${at} = Analysis${at % 2 === 0 ? "<Left>" : "<Right>"}\n${links.join("\n")}\n`;
  });
  return `${components}\n${uses.join("")}${facts}`;
}

const phases = Array.from(
  { length: 5 },
  (_, at) => `  .init phase${at} = Phase<Name>
  phase${at}.seed(x, y) :- ${at === 0 ? "statement" : `phase${at - 1}.result`}(x, y), variable(x).`,
);

const components = `.type Name <: symbol
.comp Phase<T> {
  .decl seed(x: T, y: T)
  .decl step(x: T, y: T)
  .decl result(x: T, y: T)
  .decl weight(x: T, n: number)
  step(x, y) :- seed(x, y), x != y.
  step(x, z) :- step(x, y), seed(y, z), !blocked(x, z).
  result(x, y) :- step(x, y).
  result(x, x) :- seed(x, _) ; seed(_, x).
  weight(x, n) :- seed(x, _), n = count : { step(x, _) }.
  weight(x, n + m) :- weight(x, n), weight(x, m), n < 3, m < 3.
}
.comp Base {
  .decl statement(x: Name, y: Name)
  .decl variable(x: Name)
  .decl pointsTo(x: Name, y: Name)
  .decl blocked(x: Name, y: Name) overridable
  blocked(x, x) :- variable(x).
${phases.join("\n")}
  pointsTo(x, y) :- phase4.result(x, y).
  pointsTo(x, z) :- pointsTo(x, y), pointsTo(y, z), variable(z).
}
.comp Policy<P> : Base {
  .init policy = P
  pointsTo(x, y) :- policy.allowed(x, y), phase1.step(x, y).
  pointsTo(x, y) :- phase2.weight(x, n), phase3.weight(y, m), policy.allowed(x, y), n = m.
}
.comp Left { .decl allowed(x: Name, y: Name)
  allowed(x, y) :- variable(x), variable(y), x < y. }
.comp Right { .decl allowed(x: Name, y: Name)
  allowed(x, y) :- variable(x), variable(y), x > y. }
.comp Analysis<P> : Policy<P> {
  .override blocked
  blocked(x, y) :- policy.allowed(x, y), phase0.seed(y, x).
  pointsTo(x, y) :- statement(x, y), strlen(x) < strlen(y), !blocked(x, y).
  .decl summary(x: Name, n: number)
  summary(x, n) :- variable(x), n = count : { pointsTo(x, _) }.
  summary(x, 0) :- variable(x), !pointsTo(x, _).
}
.decl source(x: Name, y: Name)`;

const facts = `source("a", "b"). source("b", "c"). source("c", "a"). source("cc", "d").
.printsize source
`;
