import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { project } from "../programs/folder.ts";

/** A package as package-lock.json has it. */
type Locked = {
  readonly license?: string;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, unknown>>;
};
const page = readFileSync(join(project, "docs/dependencies.md"), "utf8");

/** Licences that ask for no more than their text and the authors' names. */
const permissive = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD"];
/** Those of tools as well: nothing of these is in what is shipped. */
const forTools = [...permissive, "BlueOak-1.0.0", "CC-BY-4.0", "CC0-1.0", "MPL-2.0", "Python-2.0"];

describe("docs/dependencies.md", () => {
  it("has a row for every dependency, with its licence and how many packages it brings", () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
    const rows = [...page.matchAll(/^\| `([^`]+)` \| ([\w.-]+) \| (\d+) \| \S/gm)];
    expect(
      rows.map(([, name, license, brought]) => [name, license, Number(brought)]),
    ).to.have.deep.members(
      names.map((name) => [name, licenseOf(`node_modules/${name}`), brings(name)]),
    );
  });

  it("says why a version is overridden", () => {
    const overridden = Object.entries(manifest.overrides).flatMap(([name, version]) =>
      typeof version === "string" ? [name] : Object.keys(version as object),
    );
    expect(overridden.length).to.be.greaterThan(0);
    for (const name of overridden) expect(page).to.match(new RegExp(`^- \`${name}\`: \\S`, "m"));
  });
});

describe("the licences of what is installed", () => {
  const places = Object.keys(packages).filter((place) => place !== "");

  it("are permissive for everything that is installed with the package", () => {
    const production = places.filter((place) => packages[place]?.dev !== true);
    expect(production.length).to.be.greaterThan(10);
    expect(production.filter((place) => !permissive.includes(licenseOf(place)))).to.deep.equal([]);
  });

  it("are permissive for what is bundled, which is as few packages as are named here", () => {
    const bundled = [
      ...["@codemirror/autocomplete", "@codemirror/commands", "@codemirror/language"],
      ...["@codemirror/lint", "@codemirror/search", "@codemirror/state", "@codemirror/view"],
      ...["@dagrejs/dagre", "@preact/signals", "commander", "immutable", "preact", "ws", "zod"],
      ...["vscode-languageserver", "vscode-languageserver-textdocument"],
      "vscode-languageserver-types",
    ];
    const said = [...page.slice(page.indexOf("## Bundled")).split("\n## ")[0]!.matchAll(rowName)];
    expect(said.map(([, name]) => name).toSorted()).to.deep.equal(bundled.toSorted());
    const all = new Set(bundled.flatMap((name) => [...closure(name)]));
    expect([...all].filter((place) => !permissive.includes(licenseOf(place)))).to.deep.equal([]);
  });

  it("are known for every tool", () => {
    expect(places.filter((place) => !forTools.includes(licenseOf(place)))).to.deep.equal([]);
  });
});

const rowName = /^\| `([^`]+)` \|/gm;

function licenseOf(place: string): string {
  return packages[place]?.license ?? "unknown";
}

/** How many packages come along, without the binaries for one platform or another. */
function brings(name: string): number {
  return [...closure(name)].filter((place) => packages[place]?.os === undefined).length - 1;
}

/** The places of a package and of all that it needs. */
function closure(name: string): Set<string> {
  const found = new Set([`node_modules/${name}`]);
  for (const place of found) {
    const { dependencies, optionalDependencies } = packages[place] ?? {};
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const at = resolved(place, needed);
      if (at !== undefined) found.add(at);
    }
  }
  return found;
}

/** Where Node finds a package that one at `place` imports; none where an optional one is missing. */
function resolved(place: string, needed: string): string | undefined {
  for (let from = place; ; from = from.slice(0, Math.max(from.lastIndexOf("/node_modules/"), 0))) {
    const at = `${from === "" ? "" : `${from}/`}node_modules/${needed}`;
    if (at in packages) return at;
    if (from === "") return undefined;
  }
}
