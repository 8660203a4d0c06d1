// `npm run changelog`: what commits have changed, by the areas of CHANGELOG.md, to write its next
// section from. A commit belongs to the area of which it changed most files, tests and benchmarks
// aside; one that changed nothing else is no user's concern, and is left out.
import { spawnSync } from "node:child_process";

import { scriptOptions } from "./script-options.mjs";

const usage = `usage: npm run changelog -- [--from REVISION] [--to REVISION]

Prints the subjects of commits as a section of CHANGELOG.md, by area, the oldest first.

  --from REVISION  the last commit that is in the changelog (the newest tag before --to; without
                   tags the first commit)
  --to REVISION    the last commit to print (HEAD)
  --help           this text

Ends with 0, 1 if git cannot say, 2 if this was used wrongly.

example: npm run changelog -- --from v0.1.0`;

/** The areas of CHANGELOG.md in its order, and what begins the paths of each: the longest counts. */
const areas: readonly (readonly [string, readonly string[]])[] = [
  ["The language", ["grammar/", "src/analysis/", "src/syntax/", "programs/"]],
  ["The checker", ["action.yml", "src/analysis/monotone", "src/cli/check", "src/witness/"]],
  ["The engine", ["src/codegen/", "src/engine/", "src/io/", "src/plan/", "src/value/"]],
  [
    "Tools",
    [
      ...["editors/", "playground/", "src/cli/", "src/lsp/", "src/provenance/", "src/repl/"],
      "templates/",
    ],
  ],
  ["The library", ["src/client/", "src/library/", "src/"]],
  ["The network", ["src/runtime/", "src/server/", "src/sim/", "src/transducer/"]],
  ["The store", ["deploy/", "programs/kv", "src/cli/kv", "src/client/kv", "src/server/kv/"]],
  [
    "The ordered plane",
    [
      ...["src/calvin/", "src/cli/ordered", "src/cli/txn", "src/runtime/node/ordered"],
      ...["src/runtime/ordered", "src/server/ordered/"],
    ],
  ],
  ["Documentation", ["docs/", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]],
];

const { values } = scriptOptions(
  { options: { from: { type: "string" }, to: { type: "string", default: "HEAD" } } },
  usage,
);
const { to, from = lastTag(to) } = values;
const names = areas.map(([name]) => name);
const subjects = new Map<string, string[]>(names.map((name) => [name, []]));
for (const { subject, paths } of commits()) {
  const area = areaOf(paths);
  if (area !== undefined) subjects.get(area)?.push(subject);
}
const sections = [...subjects].filter(([, lines]) => lines.length > 0);
for (const [name, lines] of sections)
  process.stdout.write(`### ${name}\n${lines.map((line) => `- ${line}.\n`).join("")}\n`);

function lastTag(before: string): string | undefined {
  const { status, stdout } = spawnSync("git", ["describe", "--tags", "--abbrev=0", before], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

function* commits(): Generator<{ subject: string; paths: string[] }> {
  const range = from === undefined ? to : `${from}..${to}`;
  const format = "--format=%x00%s";
  const args = [
    "log",
    "--reverse",
    "--no-merges",
    "--name-only",
    format,
    "--end-of-options",
    range,
  ];
  const { status, stdout, stderr } = spawnSync("git", args, {
    ...{ encoding: "utf8", maxBuffer: 2 ** 28 },
  });
  if (status !== 0) {
    process.stderr.write(stderr);
    process.exit(1);
  }
  for (const commit of stdout.split("\0").slice(1)) {
    const [subject = "", ...paths] = commit.split("\n").filter((line) => line !== "");
    yield { subject, paths };
  }
}

/** The area of most of the paths; of as many, the one that stands first. */
function areaOf(paths: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const path of paths) {
    let area: string | undefined;
    let length = 0;
    for (const [name, beginnings] of areas)
      for (const beginning of beginnings)
        if (path.startsWith(beginning) && beginning.length > length)
          [area, length] = [name, beginning.length];
    if (area !== undefined) counts.set(area, (counts.get(area) ?? 0) + 1);
  }
  // What a change does stands in the code; its pages only follow.
  if (counts.size > 1) counts.delete("Documentation");
  const most = Math.max(...counts.values());
  return names.find((name) => counts.get(name) === most);
}
