// Sessions that are connected with a node.
import { expect } from "chai";

import { runScript } from "../../src/repl/script.ts";
import type { Shell } from "../../src/repl/shell.ts";
import { closure, TestNodes } from "../server/nodes.ts";
import { until } from "../support/cluster.ts";
import { shellInto } from "./typed.ts";

describe("a session that is connected with a node", () => {
  const nodes = new TestNodes();
  const shells: Shell[] = [];
  afterEach(async () => {
    for (const shell of shells.splice(0)) shell.disconnect();
    await nodes.close();
  });

  /** A session, and what says what becomes of a text in it. */
  function session(token?: string) {
    const written: string[] = [];
    const shell = shellInto(written, token === undefined ? {} : { token });
    shells.push(shell);
    const says = async (text: string): Promise<string> => {
      await runScript(shell, text, true);
      return written.splice(0).join("");
    };
    return { says, written };
  }

  it("inserts facts there, asks there, and says why", async () => {
    const { url } = await nodes.start(closure);
    const { says } = session();
    await says(`.connect ${url}/\n.mode csv\n`);
    expect(await says("edge(1, 2). edge(2, -3).\npath(1, X)?\n")).to.equal("-3\n2\n");
    expect(await says(".dump edge\n.schema edge\n")).to.equal(
      "edge(1, 2).\nedge(2, -3).\n.decl edge(x: number, y: number)\n",
    );
    expect(await says(".rels p*\n")).to.match(/path {6}x: number, y: number +3 {2}M\n/);
    expect(await says(".explain path(1, -3) depth 1\n")).to.match(
      /path\(1, -3\).*\[-1\]\n├─ path\(1, 2\).*\[\+2\]\n└─ edge\(2, -3\) +fact 2 of a\/\d+\n/,
    );
    expect(await says(".expand 2\n")).to.match(/│ {2}└─ edge\(1, 2\) +fact 1 of a\/\d+\n/);
    expect(await says(".whynot path(2, 1)\n")).to.contain("fails  edge(2, 1)");
    expect(await says(".node\n")).to.match(/^node +a\nstate +running\n/);
  });

  it("refuses what a node cannot do, and goes on", async () => {
    const { url } = await nodes.start(closure);
    const { says } = session();
    await says(`local(1).\n.connect ${url}\nedge(1, 2).\n`);
    expect(await says("-edge(1, 2).\n")).to.contain("cannot be taken back that a node");
    expect(await says("path(x, y) :- edge(y, x).\n")).to.contain("facts alone can be added");
    expect(await says(".decl q(x: number)\n")).to.contain("facts alone can be added");
    expect(await says("path(3, 4).\n")).to.contain('relation "path" takes no facts');
    expect(await says('edge("x", 1).\n')).to.contain('"x" is no number');
    expect(await says("edge(1 + 1, 2).\n")).to.contain("constants alone");
    expect(await says("edge(1).\n")).to.contain("has 2 columns");
    expect(await says("egde(1, 2).\n")).to.contain('no relation "egde"');
    expect(await says("path(1, X), X > 1?\n")).to.contain("error: ");
    expect(await says(".undo\n")).to.contain("`.disconnect` goes back");
    expect(await says(".live edge\n")).to.contain("error: ");
    expect(await says(".dump edge\n")).to.equal("edge(1, 2).\n");
    expect(await says(".disconnect\n.dump\n")).to.equal("local(1).\n");
    expect(await says(".disconnect\n")).to.contain("not connected");
    expect(await says(".connect nowhere\n")).to.contain("is no address");
    expect(await says(".connect http://127.0.0.1:1\n")).to.contain("no node answers");
  });

  it("prints what becomes of an output as it comes, until it is told not to", async () => {
    const node = await nodes.start(closure);
    const { says, written } = session();
    const first = await says(`.connect ${node.url}\nedge(1, 2).\n.live path\n`);
    expect(first).to.contain("\n+path(1, 2)\n");
    await says("edge(2, 3).\n");
    await until("the news has come", Date.now() + 100_000, () => {
      const line = "+path(1, 3)\n";
      return Promise.resolve(written.includes(line));
    });
    expect(await says(".live path\n")).to.contain("followed already");
    await says(".live\n");
    expect(await says(".live\n")).to.contain("no output is followed");
  });

  it("shows the secret of the node", async () => {
    const { url } = await nodes.start(closure, { token: "secret" });
    expect(await session().says(`.connect ${url}\n`)).to.contain("the node wants its token");
    const asked = await session("secret").says(`.connect ${url}\nedge(1, 2)?\n`);
    expect(asked).to.contain("does not hold");
  });

  it("keeps records, and integers that no double holds", async () => {
    const { url } = await nodes.start(`
      .type P = [a: number, b: symbol]
      .decl r(n: number, f: float, p: P)
      .input r`);
    const { says } = session();
    const text = 'r(9007199254740993, -1.5, [1, "x"]).\nr(-1, 2.0, nil).\n';
    expect(await says(`.connect ${url}\n${text}.mode csv\nr(N, F, P)?\n`)).to.contain(
      '9007199254740993\t-1.5\t[1, "x"]\n',
    );
  });
});
