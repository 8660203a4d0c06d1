import type { Outline } from "./outline.ts";

/** Nodes so deep are open at first. */
const openDepth = 3;
const style = `body { font: 15px/1.6 system-ui, sans-serif; margin: 2rem; color-scheme: light dark }
details, p { margin: 0 0 0 1.2rem } summary { cursor: pointer }
code { font-family: ui-monospace, monospace } small { opacity: 0.65; padding-left: 1rem }`;

/** Returns proofs as a page of its own, whose nodes open and close. */
export function outlineHtml(proofs: readonly Outline[]): string {
  let body = "";
  const seen = new Set<Outline>();
  // Without recursion, as proofs are high: a text is what closes an element.
  const open: (string | { readonly node: Outline; readonly depth: number })[] = proofs
    .map((node) => ({ node, depth: 0 }))
    .toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === "string") {
      body += next;
      continue;
    }
    const { node, depth } = next;
    const { text, beside, parts } = node;
    const again = parts.length > 0 && seen.has(node);
    seen.add(node);
    const note = again ? "as above" : beside;
    const line = `<code>${escaped(text)}</code>${note && `<small>${escaped(note)}</small>`}`;
    if (parts.length === 0 || again) {
      body += `<p>${line}</p>\n`;
      continue;
    }
    body += `<details${depth < openDepth ? " open" : ""}><summary>${line}</summary>\n`;
    open.push("</details>\n");
    for (const part of parts.toReversed()) open.push({ node: part, depth: depth + 1 });
  }
  const title = `Why ${escaped(proofs[0]?.text ?? "")}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>
${style}
</style>
<h1>${title}</h1>
${body}</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}
