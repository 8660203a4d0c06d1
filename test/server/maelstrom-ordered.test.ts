import { expect } from "chai";

import type { Random } from "../../src/base/random.ts";
import { checkLists, listReport } from "../../src/sim/histories/check-lists.ts";
import { linearize, type SequentialModel } from "../../src/sim/histories/linearize.ts";
import type { ListAccess, ListTransaction } from "../../src/sim/histories/list-history.ts";
import {
  checkRegisters,
  type KeyedOperation,
  type RegisterOperation,
} from "../../src/sim/histories/register.ts";
import { builtCommand } from "../support/built-command.ts";
import { type Done, history, seed } from "../support/maelstrom-histories.ts";
import type { Body } from "../support/maelstrom-nodes.ts";

/** An operation of a transaction, as bodies have it. */
type Operation = readonly [f: string, k: number, v: unknown];

/** Errors after which it is open whether something was done. */
const indefinite = new Set([0, 13]);

function outcome({ reply }: Done): ListTransaction["outcome"] {
  if (reply === undefined || indefinite.has(Number(reply["code"]))) return "info";
  return reply["type"] === "error" ? "fail" : "ok";
}

/** The operations of a transaction, with what they read where that was told. */
function operations(done: Done): readonly Operation[] {
  return (outcome(done) === "ok" ? done.reply : done.body)?.["txn"] as readonly Operation[];
}

function transaction(chance: Random, one: () => Operation): Body {
  return { type: "txn", txn: Array.from({ length: chance.between(1, 4) }, one) };
}

function most(done: readonly Done[]): void {
  const ok = done.filter((of) => outcome(of) === "ok");
  expect(ok.length).to.be.greaterThan(done.length / 2);
}

describe(`nodes of Maelstrom with transactions (SEED=${seed})`, function () {
  this.timeout(180_000);
  before(() => builtCommand());

  it("hold registers that are linearizable, through loss, cuts and crashes", () => {
    const request = (_: number, chance: Random): Body => {
      const [key, value, from] = [chance.below(3), chance.below(4), chance.below(4)];
      return chance.pick<Body>([
        { type: "read", key },
        { type: "write", key, value },
        { type: "cas", key, from, to: value },
      ]);
    };
    return history(
      { program: "lin-kv.dl", requests: 120, crashes: true, kept: false, request },
      (done) => {
        most(done.filter(({ body }) => body["type"] === "write"));
        expect(checkRegisters(done.flatMap(registerOperation))).to.deep.equal([]);
      },
    );
  });

  it("append to lists in transactions, strictly serialisable, through loss, cuts and crashes", () => {
    let elements = 0;
    const request = (_: number, chance: Random): Body =>
      transaction(chance, () =>
        chance.chance(0.5) ? ["r", chance.below(4), null] : ["append", chance.below(4), ++elements],
      );
    return history(
      { program: "txn-list-append.dl", requests: 150, crashes: true, kept: false, request },
      (done) => {
        most(done);
        const lists = done.map(listTransaction);
        expect(listReport(lists, checkLists(lists))).to.equal("");
      },
    );
  });

  it("write registers in transactions, strictly serialisable, through loss, cuts and crashes", () => {
    const request = (at: number, chance: Random): Body =>
      transaction(chance, () =>
        chance.chance(0.5) ? ["r", chance.below(3), null] : ["w", chance.below(3), at],
      );
    return history(
      { program: "txn-rw-register.dl", requests: 120, crashes: true, kept: false, request },
      (done) => {
        most(done);
        // Carried out one by one, transactions are operations on one object: all registers.
        const all = done.flatMap((of) => {
          const how = outcome(of);
          if (how === "fail") return [];
          const { client: process, from, to } = of;
          const operation = { operations: operations(of), told: how === "ok" };
          return [{ process, from, ...(operation.told && { to }), operation }];
        });
        expect(linearize(all, registers).kind).to.equal("linearizable");
      },
    );
  });
});

type Registers = Readonly<Record<number, unknown>>;

const registers: SequentialModel<
  Registers,
  { readonly operations: readonly Operation[]; readonly told: boolean }
> = {
  initial: {},
  step(state, { operations: all, told }) {
    const next: Record<number, unknown> = { ...state };
    for (const [f, k, v] of all)
      if (f === "w") next[k] = v;
      else if (told && (next[k] ?? null) !== v) return undefined;
    return next;
  },
  stateText: (state) => JSON.stringify(state),
};

function listTransaction(done: Done): ListTransaction {
  const { client: process, from, to } = done;
  const how = outcome(done);
  const accesses = operations(done).map(([f, k, v]): ListAccess => {
    const key = String(k);
    if (f === "append") return { kind: "append", key, element: String(v) };
    return { kind: "read", key, elements: how === "ok" ? (v as number[]).map(String) : undefined };
  });
  return { process, outcome: how, from, to, accesses };
}

function registerOperation(done: Done): KeyedOperation[] {
  const { client: process, body, reply, from, to } = done;
  const how = outcome(done);
  const [key, code] = [String(body["key"]), Number(reply?.["code"])];
  const operation = ((): RegisterOperation | undefined => {
    switch (body["type"]) {
      case "write":
        return how === "fail" ? undefined : { kind: "write", value: String(body["value"]) };
      case "read":
        if (how === "ok") return { kind: "read", value: String(reply?.["value"]) };
        return code === 20 ? { kind: "read", value: undefined } : undefined;
      default: {
        const refused = code === 20 || code === 22;
        if (how === "fail" && !refused) return undefined;
        const said = how === "info" ? undefined : how === "ok";
        return { kind: "cas", from: String(body["from"]), to: String(body["to"]), done: said };
      }
    }
  })();
  if (operation === undefined) return [];
  return [{ process, key, from, ...(how !== "info" && { to }), operation }];
}
