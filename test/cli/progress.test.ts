import { expect } from "chai";

import { progressOn } from "../../src/cli/progress.ts";

/** What is written when a step is said at each of these times. */
function written(timesMs: readonly number[], terminal: boolean): string {
  let text = "";
  let nowMs = 0;
  const stream = { terminal, width: 20, write: (chunk: unknown) => void (text += String(chunk)) };
  const progress = progressOn({
    env: {},
    stdout: stream,
    stderr: stream,
    stdin: () => [],
    nowMs: () => nowMs,
  });
  for (const at of timesMs) {
    nowMs = at;
    progress.say(`step at ${at} of a long way`);
  }
  progress.done();
  return text;
}

describe("the progress of a command", () => {
  it("is said on a terminal after two seconds, within its width, and wiped at the end", () => {
    expect(written([100, 1999, 2000], true)).to.equal("\r\x1b[Kstep at 2000 of a l\r\x1b[K");
  });

  it("is not said before, and not where there is no terminal", () => {
    expect(written([0, 1000], true)).to.equal("");
    expect(written([0, 5000], false)).to.equal("");
  });
});
