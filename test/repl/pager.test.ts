import { expect } from "chai";

import { pager } from "../../src/repl/pager.ts";
import { runScript } from "../../src/repl/script.ts";
import { shellInto } from "./typed.ts";

describe("long answers", () => {
  it("are shown whole by what shows pages, an entry at a time, and short ones printed", async () => {
    const [written, pages]: [string[], string[]] = [[], []];
    const shell = shellInto(written, {
      page: (text) => {
        const shown = new TextDecoder().decode(text);
        if (shown.split("\n").length <= 3) return false;
        return pages.push(shown) > 0;
      },
    });
    const facts = "p(1). p(2). p(3). p(4).\n";
    await runScript(shell, `.mode csv\n.decl p(x: number)\n${facts}p(X)?\np(X), X < 3?\n`, false);
    expect(pages).to.deep.equal(["1\n2\n3\n4\n"]);
    expect(written.join("")).to.equal("1\n2\n");
  });

  it("are printed where the pager is no command, or the screen has room", () => {
    const text = new TextEncoder().encode("1\n2\n3\n");
    expect(pager("cat >&2", () => 4)(text)).to.equal(false);
    expect(pager("{ no-such-command-here; } 2> /dev/null", () => 3)(text)).to.equal(false);
    expect(pager("cat > /dev/null", () => 3)(text)).to.equal(true);
  });
});
