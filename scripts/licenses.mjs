// What is bundled stays under the licences of those who wrote it, and these want their text to come
// along: `FILE.LICENSE.txt` beside a bundle has the texts for all packages that it holds.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Writes the licences of the packages that these files are of to `FILE.LICENSE.txt`. Packages with
 * one text share it. Fails where a package does not say its licence. */
export function writeLicenses(bundle, files) {
  const folders = files.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  const titles = new Map();
  for (const folder of new Set(folders)) {
    const { title, text } = licenseOf(folder);
    titles.set(text, [...(titles.get(text) ?? []), title].toSorted());
  }
  const parts = [...titles].map(([text, of]) => [...of, "", text, ""].join("\n"));
  const opening = `${basename(bundle)} holds code of these packages, under their licences.\n`;
  const all = [opening, ...parts.toSorted()].join(`\n${"-".repeat(80)}\n\n`);
  writeFileSync(`${bundle}.LICENSE.txt`, all);
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${name} does not say its licence`);
  const file = readdirSync(folder).find((one) => /^(?:licen[cs]e|copying)(?:\.\w+)?$/i.test(one));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
  return { title: `${name} ${version} (${license})`, text: text.replaceAll("\r", "").trim() };
}
