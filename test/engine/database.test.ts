import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { LimitFault } from "../../src/engine/limit.ts";

const { plan } = compile(`.decl a(x: symbol)
  .decl b(x: number)`).compiled!;

describe("a database", () => {
  it("has its relations by name and by place", () => {
    const database = new Database(plan);
    expect(database.relation("b")).to.equal(database.relations[1]);
    expect(database.relation(1)).to.equal(database.relations[1]);
    expect([database.relation("c"), database.relation(2)]).to.deep.equal([undefined, undefined]);
  });

  it("shares relations, values and memory of another one, where it is said which", () => {
    const one = new Database(plan);
    const other = new Database(plan, {
      ...{ values: one.values, memory: one.memory },
      relation: (name, at) => (name === "b" && at === 1 ? one.relations[at] : undefined),
    });
    expect(other.relations[1]).to.equal(one.relations[1]);
    expect(other.relations[0]).not.to.equal(one.relations[0]);
    expect([other.values, other.memory]).to.deep.equal([one.values, one.memory]);
    expect(other.values === one.values && other.memory === one.memory).to.equal(true);
    expect(new Database(plan).memory).not.to.equal(one.memory);
  });

  it("holds no more bytes of relations and values together than it is bounded to", () => {
    const database = new Database(plan);
    const { values, memory } = database;
    const text = (at: number): string => `${at}${"x".repeat(1000)}`;
    const bytesMax = database.memoryBytes + 4_000_000;
    expect(database.memoryBytes).to.equal(memory.bytes + values.memoryBytes);
    database.bound(database.memoryBytes + 1000);
    expect(() => memory.array(251)).to.throw(LimitFault);
    memory.release(memory.array(250));
    database.bound(bytesMax);
    const fill = (): void => {
      for (let at = 0; at < 6_000; at++) values.symbols.intern(text(at));
    };
    expect(fill)
      .to.throw(LimitFault, "the limit of memory is reached")
      .with.property("code", "out-of-memory");
    expect(database.memoryBytes).to.be.within(bytesMax / 4, bytesMax);
    // What values took relations cannot have.
    expect(memory.bytesMax).to.be.at.most(bytesMax - values.memoryBytes);
    expect(() => memory.array(1_000_000)).to.throw(LimitFault);
    database.bound(Infinity);
    fill();
    expect(memory.array(1_000_000).length).to.equal(1_000_000);
    expect(values.symbols.size).to.be.above(5_999);
  });
});
