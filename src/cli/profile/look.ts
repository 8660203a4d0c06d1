/** How a profile's page looks, by light and in the dark. */
export const style = `
:root { color-scheme: light dark;
  --ground: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de;
  --accent: #0a63bd; --soft: #d6e6f7; --mark: #fff3c4 }
@media (prefers-color-scheme: dark) { :root {
  --ground: #15181c; --text: #e6e9ec; --quiet: #a3adb7; --line: #3a424b;
  --accent: #6cb2f5; --soft: #1d3750; --mark: #4a4020 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem }
p { margin: .25rem 0 .75rem } .quiet { color: var(--quiet) }
a { color: var(--accent) } code, .source { font: 13px/1.5 ui-monospace, monospace }
dl.sums { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0 }
dl.sums dt { color: var(--quiet); font-size: .85rem }
dl.sums dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums }
svg { display: block; width: 100% } svg rect { fill: var(--accent) }
svg .rest, svg .area { fill: var(--soft) } svg.bar { height: 6px; border-radius: 3px }
figure { margin: .5rem 0 1rem } figcaption, .ends { color: var(--quiet); font-size: .85rem }
.ends { display: flex; justify-content: space-between }
svg.plot { height: 9rem; border: solid var(--line); border-width: 1px 0; margin: .15rem 0 }
svg .line { fill: none; stroke: var(--accent); stroke-width: 1.5;
  vector-effect: non-scaling-stroke }
ol.bars { list-style: none; padding: 0 } ol.bars li { margin: 0 0 .6rem }
ol.bars .said { display: flex; justify-content: space-between; gap: 1rem }
ol.bars code { overflow-wrap: anywhere } ol.bars .said > span { white-space: nowrap }
.scroll { overflow-x: auto; max-height: 32rem; overflow-y: auto }
table { border-collapse: collapse; min-width: 100% }
th, td { padding: .2rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line) }
thead th { position: sticky; top: 0; background: var(--ground) }
th.number, td.number { text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums }
th button { all: unset; cursor: pointer } th button:focus-visible { outline: 2px solid }
th button::after { content: " \\2195"; color: var(--quiet) }
th[aria-sort=ascending] button::after { content: " \\2191"; color: inherit }
th[aria-sort=descending] button::after { content: " \\2193"; color: inherit }
td code { display: inline-block; min-width: 14rem }
summary { cursor: pointer; padding: .25rem 0 }
.source > div { display: flex; gap: 1rem; white-space: pre }
.source > div:target { background: var(--mark) }
.source span { color: var(--quiet); text-align: right; min-width: 3.5rem; flex: none }
`;

/** Has the heads of tables sort them: by numbers the greatest first, by texts in their order. */
export const script = `
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const number = head.classList.contains("number");
      const before = head.getAttribute("aria-sort");
      const first = number ? "descending" : "ascending";
      const other = number ? "ascending" : "descending";
      const order = before === first ? other : first;
      for (const one of heads) one.setAttribute("aria-sort", one === head ? order : "none");
      const keyOf = (row) => row.cells[at].dataset.value ?? row.cells[at].textContent;
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) =>
        number ? keyOf(a) - keyOf(b) : keyOf(a).localeCompare(keyOf(b)));
      body.append(...(order === "ascending" ? rows : rows.reverse()));
    });
  });
}
`;
