import { expect } from "chai";

import { droppedFacts, rowsOf, rowsText } from "../../playground/src/fact-rows.ts";
import type { FactFile, RelationInfo } from "../../playground/src/protocol.ts";

const plain = { delimiter: "\t", quoted: false };
const quoted = { delimiter: ",", quoted: true };

/** An input `link(from: symbol, to: number)` whose facts are read so. */
function link(form: Partial<FactFile> = {}): RelationInfo {
  const place = { file: "p.dl", start: 0, end: 0 };
  return {
    name: "link",
    attributes: [
      { name: "from", type: "symbol" },
      { name: "to", type: "number" },
    ],
    ...{ level: "M", final: true, networkDependent: false, output: false, snapshot: false },
    facts: { name: "link.facts", kind: "csv", headers: false, objects: false, ...plain, ...form },
    points: [],
    place,
  };
}

const dropped = (name: string, text: string, form?: Partial<FactFile>) =>
  droppedFacts({ name, text }, link(form));

describe("rows of facts", () => {
  it("know at which line they begin, also after quoted line ends", () => {
    expect(rowsOf('"a\nb",1\r\nc,2\n', quoted)).to.deep.equal([
      { cells: ["a\nb", "1"], line: 1 },
      { cells: ["c", "2"], line: 3 },
    ]);
  });

  it("keep what stands in the brackets of a record together", () => {
    expect(rowsOf("[1, 2],x\n", quoted)[0]?.cells).to.deep.equal(["[1, 2]", "x"]);
    expect(rowsText([["[1, 2]", "x"]], quoted)).to.equal("[1, 2],x\n");
  });

  it("are written as they are read", () => {
    for (const cells of [
      ["a", "b"],
      ['"a"', 'b"c'],
      ["a,b", ""],
      ["", ""],
      ["a\nb", "c"],
    ]) {
      const text = rowsText([cells], quoted);
      expect(rowsOf(typeof text === "string" ? text : "", quoted)[0]?.cells).to.deep.equal(cells);
    }
  });

  it("are refused where nothing tells columns apart", () => {
    expect(
      rowsText(
        [
          ["a", "b"],
          ["a\tb", "c"],
        ],
        plain,
      ),
    ).to.include({ row: 1 });
  });
});

describe("a file that is dropped on a relation", () => {
  it("becomes what the relation's .input reads", () => {
    expect(dropped("some.csv", "a,1\nb,2\n")).to.deep.equal({ text: "a\t1\nb\t2\n" });
    expect(dropped("some.tsv", "a\t1", quoted)).to.deep.equal({ text: "a,1\n" });
    expect(dropped("some.csv", '"x,y",1', quoted)).to.deep.equal({ text: '"x,y",1\n' });
    expect(dropped("some.csv", "a;1\nb;2")).to.deep.equal({ text: "a\t1\nb\t2\n" });
    const headed = { ...quoted, headers: true };
    expect(dropped("some.tsv", "a\t1", headed)).to.deep.equal({ text: "from,to\na,1\n" });
  });

  it("has its columns found by their names", () => {
    expect(dropped("some.csv", "to,from,more\n1,a,x\n")).to.deep.equal({ text: "a\t1\n" });
  });

  it("may be JSON, of arrays or objects", () => {
    const text = { text: "a\t1\nb\t2\n" };
    expect(dropped("some.json", '[["a", 1], ["b", 2]]')).to.deep.equal(text);
    expect(dropped("some.json", '[{"to": 1, "from": "a"}, {"from": "b", "to": 2}]')).to.deep.equal(
      text,
    );
    const json = { kind: "json", delimiter: "", objects: true } as const;
    const read = dropped("some.csv", "a,1", json);
    expect(JSON.parse("text" in read ? read.text : "")).to.deep.equal([{ from: "a", to: "1" }]);
  });

  it("is refused with its row where it does not fit", () => {
    const refused = (name: string, text: string) => {
      const facts = dropped(name, text);
      return "refused" in facts ? facts.refused : undefined;
    };
    expect(refused("some.csv", "a,1\nb\n")).to.match(/^line 2: 1 of 2 columns/);
    expect(refused("some.json", '[["a", 1], {"from": "b"}]')).to.equal("row 2: there is no to");
    expect(refused("some.json", '[["a", 1], 7]')).to.match(/^row 2: neither/);
    expect(refused("some.json", "{}")).to.equal("it is no array of tuples");
    expect(refused("some.csv", 'a,1\n"x\ty",2')).to.match(/^row 2: .*rfc4180=true/);
  });
});
