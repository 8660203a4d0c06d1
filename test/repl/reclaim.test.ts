import { expect } from "chai";

import { runScript } from "../../src/repl/script.ts";
import { shellInto } from "./typed.ts";

const always = { bytesMin: 0, growth: 0, gone: 0 };
const name = (at: number): string => `"what is put in and taken back has the number ${String(at)}"`;

describe("the values of a session", () => {
  for (const { kind, rules } of [
    { kind: "one program", rules: "long(n) :- item(s), n = strlen(s).\n" },
    { kind: "a program of steps", rules: "long(n) :+ item(s), n = strlen(s).\n" },
  ]) {
    it(`are given up when facts are taken back, those of what stays are not: ${kind}`, async () => {
      const written: string[] = [];
      const shell = shellInto(written, { reclaims: always });
      const declared = ".decl item(s: symbol)\n.decl long(n: number)\n";
      await runScript(shell, `${declared}${rules}item("kept").\n.mode facts\n`, false);
      const before = shell.live!.database.values.heldBytes;
      for (let at = 0; at < 40; at++) {
        await runScript(shell, `item(${name(at)}).\n-item(${name(at)}).\n`, false);
        if (at % 8 === 0) await runScript(shell, `.explain item("kept")\nitem("other").\n`, false);
      }
      const { values } = shell.live!.database;
      expect(values.heldBytes).to.be.below(before + 200);
      written.length = 0;
      await runScript(shell, "item(S)?\nlong(N)?\n", false);
      expect(written.join("")).to.equal(
        'answer("kept").\nanswer("other").\nanswer(4).\nanswer(5).\n',
      );
    });
  }
});
