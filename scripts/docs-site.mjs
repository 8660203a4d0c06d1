// docs/*.md and the pages beside them → a static site, `npm run docs:site [-- DIR]` (site/). It needs
// no server and nothing from elsewhere: links are relative, so it works from any folder, and from a disk; the
// index of its search is a script that is loaded when somebody searches. Files of the repository that pages
// lead to are copied as text. A link that leads nowhere fails the build.
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import markdownIt from "markdown-it";
import { scriptOptions } from "./script-options.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [folder = join(root, "site")] = scriptOptions({ allowPositionals: true }).positionals;
const out = resolve(folder);

/** The pages in the order of the list at the side; what is in no group fails the build. */
const groups = {
  Begin: ["README.md", "docs/tutorial.md", "programs/README.md"],
  "The language": ["docs/language.md", "docs/check.md", "docs/coordination.md", "docs/why.md"],
  Tools: [
    "docs/repl.md",
    "docs/profile.md",
    "docs/testing.md",
    "docs/editor.md",
    "docs/playground.md",
  ],
  "On a network": ["docs/node.md", "docs/sim.md", "docs/store.md", "docs/ordered.md"],
  "In programs": ["docs/library.md", "docs/maelstrom.md"],
  "In operation": ["docs/operations.md", "docs/threats.md", "bench/README.md"],
  "For contributors": [
    ...["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/decisions.md", "docs/dependencies.md"],
    ...["docs/glossary.md", "CHANGELOG.md"],
  ],
};
const errorsFolder = "docs/errors";
const errors = readdirSync(join(root, errorsFolder)).toSorted();
const pages = [...Object.values(groups).flat(), ...errors.map((name) => `${errorsFolder}/${name}`)];

const markdown = markdownIt({ html: false, linkify: false });
const problems = [];
const copied = new Set();
const sections = [];

const missing = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md") && !pages.includes(`docs/${name}`))
  .map((name) => `docs/${name} is in no group of the list`);
problems.push(...missing);

const parsed = new Map(pages.map((page) => [page, parsedPage(page)]));

rmSync(out, { recursive: true, force: true });
for (const [page, { tokens, title }] of parsed) {
  resolveLinks(page, tokens);
  write(
    targetOf(page),
    layout(page, title, markdown.renderer.render(tokens, markdown.options, {})),
  );
  sections.push(...sectionsOf(page, title, tokens));
}
const listed = errors.map((name) => [
  name.replace(/\.md$/, ""),
  parsed.get(`${errorsFolder}/${name}`),
]);
write(
  `${errorsFolder}/index.html`,
  layout(
    `${errorsFolder}/index.md`,
    "Findings",
    `<h1>Findings</h1>\n<ul>${listed
      .map(([code, { tokens }]) => {
        const [, says] = tokens.filter(({ type }) => type === "inline");
        return `<li><a href="${code}.html"><code>${code}</code></a> ${escaped(textOf(says))}</li>`;
      })
      .join("\n")}</ul>`,
  ),
);
for (const name of ["style.css", "search.js"])
  cpSync(join(root, "scripts/docs-site", name), join(out, name));
write("index.js", `globalThis.calmSections = ${JSON.stringify(sections)};\n`);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${pages.length} pages, ${sections.length} sections, ${copied.size} files in ${out}`);

/** Returns a page's tokens, with the anchors of its headings, and its title. Comments are not shown. */
function parsedPage(page) {
  const text = readFileSync(join(root, page), "utf8").replace(/^<!--.*-->$/gm, "");
  const tokens = markdown.parse(text, {});
  const anchors = new Set();
  for (const [at, token] of tokens.entries()) {
    if (token.type !== "heading_open") continue;
    const id = anchorOf(tokens[at + 1].content);
    anchors.add(id);
    token.attrSet("id", id);
  }
  const title = textOf(tokens.find(({ type }) => type === "inline"));
  return { tokens, title, anchors };
}

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replaceAll(" ", "-");
}

function textOf(inline) {
  return (inline?.children ?? [])
    .map(({ type, content }) => (type === "softbreak" ? " " : content))
    .join("");
}

function targetOf(page) {
  if (page === "README.md") return "index.html";
  return page.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html");
}

function resolveLinks(page, tokens) {
  for (const { children } of tokens)
    for (const token of children ?? []) {
      const href = token.type === "link_open" ? token.attrGet("href") : undefined;
      if (href == null || /^[a-z]+:/.test(href)) continue;
      token.attrSet("href", resolved(page, href));
    }
}

/** Returns where a link of a page leads in the site. */
function resolved(page, href) {
  const [path, anchor] = href.split("#");
  const file = path === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(path));
  const known = parsed.get(file);
  if (known !== undefined) {
    if (anchor !== undefined && !known.anchors.has(anchor)) problems.push(`${page}: no ${href}`);
    const behind = anchor === undefined ? "" : `#${anchor}`;
    return path === "" ? behind : relativeTo(page, targetOf(file)) + behind;
  }
  const place = file.replace(/\/$/, "");
  if (place === "docs") return relativeTo(page, "index.html");
  if (place === errorsFolder) return relativeTo(page, `${errorsFolder}/index.html`);
  const copy = copyOf(page, place);
  return copy === undefined ? href : relativeTo(page, copy);
}

/** Copies a file as text, or lists a folder whose files are copied; returns where it is then. */
function copyOf(page, file) {
  const found = file.startsWith("..")
    ? undefined
    : statSync(join(root, file), { throwIfNoEntry: false });
  if (found === undefined) {
    problems.push(`${page}: no file ${file}`);
    return undefined;
  }
  const target = found.isDirectory() ? `files/${file}/index.html` : `files/${file}.txt`;
  if (copied.has(target)) return target;
  copied.add(target);
  if (!found.isDirectory()) write(target, readFileSync(join(root, file)));
  else {
    const names = readdirSync(join(root, file)).filter((name) =>
      statSync(join(root, file, name)).isFile(),
    );
    const rows = names.map((name) => {
      copyOf(page, `${file}/${name}`);
      return `<li><a href="${encodeURIComponent(name)}.txt">${escaped(name)}</a></li>`;
    });
    const place = `files/${file}/index.md`;
    write(target, layout(place, file, `<h1>${escaped(file)}</h1>\n<ul>${rows.join("\n")}</ul>`));
  }
  return target;
}

/** What the search knows of a page: its sections, each with its text. */
function sectionsOf(page, title, tokens) {
  const found = [];
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open") {
      const heading = textOf(tokens[at + 1]);
      const first = found.length === 0;
      const url = targetOf(page) + (first ? "" : `#${token.attrGet("id")}`);
      found.push({ url, title, heading: first ? "" : heading, text: "" });
    } else if (token.type === "inline" && tokens[at - 1]?.type !== "heading_open")
      found.at(-1).text += `${textOf(token)} `;
    else if (token.type === "fence") found.at(-1).text += `${token.content} `;
  }
  return found.map((section) => ({ ...section, text: section.text.replace(/\s+/g, " ").trim() }));
}

function layout(page, title, body) {
  const up = relativeTo(page, "");
  const lists = Object.entries(groups).map(([group, list]) => {
    const rows = list.map((one) => {
      const current = one === page ? ' aria-current="page"' : "";
      const name = escaped(parsed.get(one).title);
      return `<li><a href="${relativeTo(page, targetOf(one))}"${current}>${name}</a></li>`;
    });
    return `<h2>${group}</h2>\n<ul>${rows.join("")}</ul>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – calmdb</title>
<link rel="stylesheet" href="${up}style.css">
<script defer src="${up}search.js" data-root="${up}"></script>
<a class="skip" href="#content">To the text</a>
<nav aria-label="Pages">
<form role="search"><label>Search <input type="search" id="search" autocomplete="off"></label></form>
<ol id="found" aria-live="polite" hidden></ol>
${lists.join("\n")}
<ul><li><a href="${relativeTo(page, `${errorsFolder}/index.html`)}">Findings, one by one</a></li></ul>
</nav>
<main id="content">
${body}
</main>
</html>
`;
}

/** The way from a page to a place of the site. */
function relativeTo(page, target) {
  const way = posix.relative(posix.dirname(targetOf(page)), target === "" ? "." : target);
  if (target !== "") return way.split("/").map(encodeURIComponent).join("/");
  return way === "" ? "" : `${way}/`;
}

function write(target, content) {
  const path = join(out, target);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
