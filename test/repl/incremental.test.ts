import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { runScript } from "../../src/repl/script.ts";
import { firstVersion } from "../../src/repl/session.ts";
import { answers, shellInto } from "./typed.ts";

const rules = `.decl edge(x: number, y: number)
.decl path(x: number, y: number)
path(x, y) :- edge(x, y).
path(x, z) :- path(x, y), edge(y, z).
.decl end(x: number)
end(y) :- edge(_, y), !edge(y, _).
.decl total(n: number)
total(n) :- n = count : { path(_, _) }.
`;
const questions = ".mode facts\npath(X, Y)?\nend(X)?\ntotal(N)?\n";

describe("a session that was changed step by step", () => {
  const first = Number(process.env["SEED"] ?? 1);
  for (let seed = first; seed < first + 10; seed++)
    it(`holds what its facts give when they are all there at once (seed ${String(seed)})`, async () => {
      const numbers = random(seed);
      const fact = (): string => `edge(${String(numbers.below(5))}, ${String(numbers.below(5))}).`;
      const steps = Array.from({ length: 30 }, (_, at) => {
        if (at === 12) return "path(x, x) :- end(x), x < 0.";
        const change = numbers.pick([fact(), fact(), fact(), `-${fact()}`, ".undo", ".redo"]);
        // To ask why changes nothing.
        return `${numbers.pick(["", ".explain path(X, Y)", ".explain total(N)"])}\n${change}`;
      });
      const written: string[] = [];
      const shell = shellInto(written);
      await runScript(shell, `${rules}edge(0, 1). edge(1, 2).\n`, false);
      // The rules stay, however much is taken back.
      shell.versions = firstVersion(shell.session);
      await runScript(shell, steps.join("\n"), true);
      await runScript(shell, `${questions}.dump edge\n`, false);
      const all = written.join("");
      const facts = all.split("\n").filter((line) => /^edge\(\d, \d\)\.$/.test(line));
      const asked = all.split("\n").filter((line) => line.startsWith("answer("));
      const fresh = await answers(`${rules}${facts.join("\n")}\n${questions}`);
      expect(fresh.split("\n").filter((line) => line.startsWith("answer("))).to.deep.equal(asked);
      expect(asked).to.have.length.above(0);
    });
});
