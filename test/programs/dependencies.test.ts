import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { compiled } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { factsIn } from "../differential/facts.ts";
import { run } from "../differential/ways.ts";
import { inFolder } from "./calm.ts";
import { convert, project } from "./folder.ts";

const path = join(project, "programs", "dependencies", "dependencies.dl");

/** The rows of each relation, every value as text. */
type Answers = ReadonlyMap<string, readonly (readonly string[])[]>;

describe("programs/dependencies on the project's own lock file", () => {
  const lock = readFileSync(join(project, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(lock) as { packages: Record<string, { dev?: boolean }> };
  let answers: Answers;
  before(async () => {
    answers = await answersTo(["lodash-es", "minimatch"]);
  });

  it("has the edges that npm ls shows", () => {
    const root = npm(["ls", "--all", "--json", "--package-lock-only"]) as ListedPackage;
    const listed = new Set(listedEdges(root, "."));
    const label = (at: string): string => `${folderName(at)}@${version(answers, at)}`;
    const ours = rows(answers, "edge").map(([from = "", to = ""]) =>
      from === "." ? `. > ${label(to)}` : `${label(from)} > ${label(to)}`,
    );
    expect([...new Set(ours)].toSorted()).to.deep.equal([...listed].toSorted());
    expect(listed.size).to.be.greaterThan(100);
  });

  for (const name of ["lodash-es", "minimatch", "typescript", "debug", "ansi-regex", "commander"]) {
    it(`gives ${name} the reasons that npm explain gives`, () => {
      const explained = npm(["explain", name, "--json"]) as ExplainedPackage[];
      const theirs = new Set(explained.flatMap((one) => explainedEdges(one)));
      const about = new Set([...theirs].map((edge) => edge.split(" ")[1]));
      // npm explains what is installed here: not what is for other machines.
      const ours = rows(answers, "edge")
        .filter(([from = "", to]) => about.has(to) && existsSync(join(project, from)))
        .map((edge) => edge.join(" "));
      expect(theirs.size).to.be.greaterThan(0);
      expect(ours.toSorted()).to.deep.equal([...theirs].toSorted());
    });
  }

  it("finds production to be what npm marks as such", () => {
    const marked = Object.entries(packages)
      .filter(([at, { dev }]) => at !== "" && dev !== true)
      .map(([at]) => at);
    const found = rows(answers, "inProduction").map(([at]) => at);
    expect(found.toSorted()).to.deep.equal(marked.toSorted());
    expect(rows(answers, "misjudged")).to.deep.equal([]);
    expect(rows(answers, "unmet")).to.deep.equal([]);
  });

  it("writes each chain out, from the project to the package, along edges", () => {
    const chains = rows(answers, "chain").filter(([asked]) => asked?.startsWith("lodash-es@"));
    const why = new Set(rows(answers, "why").map(([, from, to]) => `${from} > ${to}`));
    expect(chains.length).to.be.greaterThan(3);
    for (const [asked, hops, chain = ""] of chains) {
      const steps = chain.split(" > ");
      expect([steps[0], steps.at(-1)]).to.deep.equal(["calmdb", asked]);
      expect(steps.length - 1).to.equal(Number(hops));
      for (let at = 1; at < steps.length; at++) {
        expect(why.has(`${steps[at - 1]} > ${steps[at]}`), chain).to.equal(true);
      }
    }
  });
});

describe("programs/dependencies on other lock files", () => {
  const lock = {
    name: "shop",
    lockfileVersion: 3,
    packages: {
      "": { name: "shop", workspaces: ["packages/*"], dependencies: { a: "^1" } },
      "node_modules/a": {
        version: "1.0.0",
        dependencies: { b: "^2" },
        peerDependencies: { c: "*", d: "*" },
        peerDependenciesMeta: { d: { optional: true } },
      },
      "node_modules/a/node_modules/b": { version: "2.0.0", dependencies: { a: "^1" } },
      "node_modules/b": { version: "1.0.0", dev: true },
      "node_modules/tool": { resolved: "packages/tool", link: true },
      "packages/tool": { version: "0.1.0", dependencies: { b: "^1" }, devDependencies: { a: "*" } },
    },
  };

  it("climbs from folder to folder, and follows links", async () => {
    const answers = await answersTo(["b"], lock);
    expect(rows(answers, "edge").toSorted()).to.deep.equal([
      [".", "node_modules/a", "^1", "prod"],
      [".", "packages/tool", "file:packages/tool", "workspace"],
      ["node_modules/a", "node_modules/a/node_modules/b", "^2", "prod"],
      ["node_modules/a/node_modules/b", "node_modules/a", "^1", "prod"],
      ["packages/tool", "node_modules/a", "*", "dev"],
      ["packages/tool", "node_modules/b", "^1", "prod"],
    ]);
  });

  it("finds circles, duplicates and what is missing", async () => {
    const answers = await answersTo(["b"], lock);
    expect(rows(answers, "cycle").toSorted()).to.deep.equal([
      ["a@1.0.0", "b@2.0.0"],
      ["b@2.0.0", "a@1.0.0"],
    ]);
    expect(rows(answers, "duplicate").toSorted()).to.deep.equal([
      ["b", "2", "1.0.0", "node_modules/b"],
      ["b", "2", "2.0.0", "node_modules/a/node_modules/b"],
    ]);
    expect(rows(answers, "unmet")).to.deep.equal([["node_modules/a", "c", "*", "peer"]]);
  });

  it("are refused in words where they are none", () =>
    inFolder((folder) => {
      const file = join(folder, "lock.json");
      writeFileSync(file, '{ "lockfileVersion": 1, "dependencies": {} }');
      const { status, stderr } = convert(folder, [], file);
      expect(status).to.equal(1);
      expect(stderr).to.match(/no lock file of version 2 or 3/);
      writeFileSync(file, "{");
      expect(convert(folder, [], file).stderr).to.match(/not JSON/);
      expect(convert(folder, [], join(folder, "none.json")).status).to.equal(1);
    }));
});

type ListedPackage = {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, ListedPackage>>;
};

type ExplainedPackage = {
  readonly name?: string;
  readonly version?: string;
  readonly location?: string;
  readonly dependents?: readonly {
    readonly type: string;
    readonly spec: string;
    readonly rawSpec?: string;
    readonly from: ExplainedPackage;
  }[];
};

/** What the program answers when it is asked about these packages. */
async function answersTo(asked: readonly string[], lock?: object): Promise<Answers> {
  return inFolder(async (folder) => {
    const file = join(folder, "lock.json");
    if (lock !== undefined) writeFileSync(file, JSON.stringify(lock));
    const { stderr } = convert(folder, asked, lock === undefined ? undefined : file);
    expect(stderr).to.equal("");
    const { compiled: program } = compile({ path, text: readFileSync(path, "utf8") });
    if (program === undefined) throw new Error("the program has errors");
    const { answers } = run(program, compiled, { facts: await factsIn(folder, program) });
    return new Map(
      [...answers].map(([name, tuples]) => [
        name,
        tuples.toArray().map((tuple) => tuple.toArray().map(String)),
      ]),
    );
  });
}

function rows(answers: Answers, relation: string): (readonly string[])[] {
  return [...(answers.get(relation) ?? expect.fail(`there is no relation ${relation}`))];
}

function version(answers: Answers, at: string): string {
  return rows(answers, "package").find(([path]) => path === at)?.[2] ?? "";
}

function folderName(at: string): string {
  return at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length);
}

function npm(argv: readonly string[]): unknown {
  const shell = process.platform === "win32";
  const { stdout } = spawnSync("npm", argv, { cwd: project, encoding: "utf8", shell });
  return JSON.parse(stdout);
}

/** `FROM > TO` for each dependency, packages as `name@version`. */
function listedEdges({ dependencies = {} }: ListedPackage, from: string): string[] {
  return Object.entries(dependencies).flatMap(([name, listed]) => {
    // An optional dependency that is missing is listed without a version.
    if (listed.version === undefined) return [];
    const to = `${name}@${listed.version}`;
    return [`${from} > ${to}`, ...listedEdges(listed, to)];
  });
}

/** `FROM TO RANGE KIND` for each dependency on a way from the project to the package. npm does not
 * say again where a package lies that it explains elsewhere. */
function explainedEdges(explained: ExplainedPackage): string[] {
  const places = new Map<string, string>();
  const note = ({ name, version, location, dependents = [] }: ExplainedPackage): void => {
    if (location !== undefined) places.set(`${name}@${version}`, location);
    for (const { from } of dependents) note(from);
  };
  note(explained);
  const edges = ({ location = "", dependents = [] }: ExplainedPackage): string[] =>
    dependents.flatMap(({ type, spec, rawSpec, from }) => {
      const place = from.location ?? places.get(`${from.name}@${from.version}`) ?? "";
      const here = place.includes("node_modules") ? place : ".";
      return [`${here} ${location} ${rawSpec ?? spec} ${type}`, ...edges(from)];
    });
  return edges(explained);
}
