// `npm run grammar:check`: whether what is generated from grammar/datalog.ne and committed is what would
// be generated now.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { railroadPage } from "./railroad.mjs";
import { scriptOptions } from "./script-options.mjs";

scriptOptions({});

const grammar = new URL("../grammar/", import.meta.url);
const grammarText = readFileSync(new URL("datalog.ne", grammar), "utf8");

const nearleyc = createRequire(import.meta.url).resolve("nearley/bin/nearleyc.js");
const compiled = execFileSync(
  process.execPath,
  [nearleyc, fileURLToPath(new URL("datalog.ne", grammar))],
  { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
);

const generated = { "datalog.ne.js": compiled, "railroad/index.html": railroadPage(grammarText) };

for (const [file, text] of Object.entries(generated)) {
  if (text === committed(file)) continue;
  console.error(`grammar/${file} is not what grammar/datalog.ne gives: run npm run grammar`);
  process.exitCode = 1;
}

function committed(file) {
  try {
    return readFileSync(new URL(file, grammar), "utf8");
  } catch {
    return undefined;
  }
}
