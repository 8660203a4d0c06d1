// Hand-made histories, good and bad: at least one for each anomaly.
import { expect } from "chai";

import { readFileSync } from "node:fs";

import { anomalyKinds } from "../../../src/sim/histories/anomaly.ts";
import {
  checkLists,
  type Consistency,
  listReport,
} from "../../../src/sim/histories/check-lists.ts";
import { checkRegisters } from "../../../src/sim/histories/register.ts";
import { runCases } from "../../support/cases.ts";
import { readListHistory, readRegisterHistory } from "../../support/history-text.ts";

runCases("histories", {
  lists(text, [consistency]) {
    const history = readListHistory(text);
    return listReport(history, checkLists(history, consistency as Consistency)) || "nothing";
  },
  registers: (text) => checkRegisters(readRegisterHistory(text)).join("\n\n") || "nothing",
});

describe("cases of histories", () => {
  it("show each anomaly, and circles also by the order in time", () => {
    const text = readFileSync(new URL("../../cases/histories/lists.txt", import.meta.url), "utf8");
    const shown = new Set([...text.matchAll(/^([\w-]+): /gm)].map(([, name]) => name));
    const circles = ["G0", "G1c", "G-single", "G-nonadjacent", "G2"];
    expect([...shown]).to.include.members([
      ...Object.keys(anomalyKinds),
      ...circles.map((name) => `${name}-realtime`),
    ]);
  });
});
