// A profile as a page of its own: it needs nothing but itself, and asks nobody for anything.
import { xmlText } from "../reports/xml.ts";
import { script, style } from "./look.ts";
import { areaPlot, bar, columnPlot } from "./plots.ts";
import type { IterationProfile, Profile, RuleProfile, StratumProfile } from "./profile.ts";
import { mebibytes, number, table, type Cell } from "./table.ts";

/** So many rules are in the plot of times; the table has all. */
const rulesPlottedMax = 12;
/** So many strata, those that took longest, have plots of their iterations. */
const strataPlottedMax = 8;

/** The texts that rules stand in, by path. */
export type Sources = ReadonlyMap<string, string>;

/** Returns a profile as HTML. Rules lead to their lines in the texts. */
export function profilePage(profile: Profile, sources: Sources): string {
  const title = xmlText(`Profile of ${profile.program}`);
  const data = JSON.stringify(profile).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${sums(profile)}
${timeByRule(profile, sources)}
${memoryOverTime(profile)}
${strata(profile, sources)}
<h2>Rules</h2>
${ruleTable(profile, sources)}
<h2>Relations</h2>
${relationTable(profile)}
${[...sources].map(([path, text], at) => source(profile, path, text, at)).join("\n")}
</main>
<script type="application/json" id="profile">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

function sums({ complete, ms, bytesMax, strata: all, rules }: Profile): string {
  const total = (of: (rule: RuleProfile) => number): string =>
    number(rules.reduce((so, rule) => so + of(rule), 0)).text;
  const shown = [
    ["read", milliseconds(ms.read)],
    ["evaluate", milliseconds(ms.evaluate)],
    ["write", milliseconds(ms.write)],
    ["new tuples", total(({ derived }) => derived)],
    ["firings", total(({ firings }) => firings)],
    ["look-ups", total(({ probes }) => probes)],
    ["iterations", number(all.reduce((so, { rounds }) => so + rounds, 0)).text],
    ["most memory", `${mebibytes(bytesMax).text} MiB`],
  ].map(([name = "", value = ""]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`);
  const stopped = complete ? "" : "<p><strong>The run was stopped before its end.</strong></p>\n";
  return `${stopped}<dl class="sums">${shown.join("")}</dl>
<p class="quiet">A firing is a tuple that a rule's body came to, new or not; a look-up is a key that
it searched for. Counting them takes time that a run without <code>--profile</code> does not take.
</p>`;
}

function timeByRule({ rules }: Profile, sources: Sources): string {
  const dearest = rules.toSorted((a, b) => b.ms - a.ms).slice(0, rulesPlottedMax);
  const all = rules.reduce((so, { ms }) => so + ms, 0);
  const items = dearest.map((rule) => {
    const part = all === 0 ? 0 : rule.ms / all;
    const said = `${milliseconds(rule.ms)}, ${number(100 * part, 1).text} %`;
    const line = `<div>${linked(rule, sources)}</div><span>${said}</span>`;
    return `<li><div class="said">${line}</div>${bar(part)}</li>`;
  });
  return `<h2>Time by rule</h2>\n<ol class="bars">\n${items.join("\n")}\n</ol>`;
}

function memoryOverTime({ memory, bytesMax }: Profile): string {
  const end = memory.at(-1)?.ms ?? 0;
  const most = `${mebibytes(bytesMax).text} MiB`;
  const plot = areaPlot({
    about: `Memory over time: at most ${most} within ${milliseconds(end)}`,
    points: memory.map(({ ms, bytes }) => ({ end: ms, value: bytes, name: milliseconds(ms) })),
    said: (bytes) => `${mebibytes(bytes).text} MiB`,
    ends: ["0 ms", milliseconds(end)],
  });
  return `<h2>Memory over time</h2>\n${plot}`;
}

function strata(profile: Profile, sources: Sources): string {
  const all = [...profile.strata.entries()].filter(([, { iterations }]) =>
    iterations.some(({ rules }) => rules.length > 0),
  );
  const plotted = all
    .filter(([, { iterations }]) => iterations.length > 2)
    .toSorted(([, a], [, b]) => b.ms - a.ms)
    .slice(0, strataPlottedMax);
  const head = ["stratum", "computes", "iterations", ...effortHead];
  const rows = all.map(([at, stratum]) => [
    number(at + 1),
    { text: stratum.relations.join(", ") },
    number(stratum.rounds),
    ...effortCells(stratum),
  ]);
  return [
    "<h2>Strata</h2>",
    table("Strata", head, rows),
    ...plotted.map(([at, stratum]) => iterations(profile, at, stratum, sources)),
  ].join("\n");
}

function iterations(
  { rules }: Profile,
  at: number,
  { relations, iterations: all }: StratumProfile,
  sources: Sources,
): string {
  const names = `stratum ${at + 1}: ${relations.join(", ")}`;
  const end = (one: IterationProfile): number => one.round + one.rounds;
  const ended = (one?: IterationProfile): string => (one === undefined ? "" : roundsOf(one));
  const series = (of: (one: IterationProfile) => number, said: (value: number) => string) => ({
    points: all.map((one) => ({ end: end(one), value: of(one), name: roundsOf(one) })),
    ...{ said, ends: [ended(all[0]), ended(all.at(-1))] as const },
  });
  const most = (of: (one: IterationProfile) => number): number => Math.max(...all.map(of));
  const tuples = columnPlot({
    about: `New tuples by iteration, at most ${number(most(({ derived }) => derived)).text}`,
    ...series(
      ({ derived }) => derived,
      (value) => `${number(value).text} new tuples`,
    ),
  });
  const times = columnPlot({
    about: `Time by iteration, at most ${milliseconds(most(({ ms }) => ms))}`,
    ...series(({ ms }) => ms, milliseconds),
  });
  const rows = all.map((one): Cell[] => {
    const dearest = one.rules.toSorted((a, b) => b.ms - a.ms)[0];
    const rule = dearest === undefined ? undefined : rules[dearest.rule];
    const inRules = one.rules.reduce((so, { ms }) => so + ms, 0);
    return [
      { text: roundsOf(one), value: one.round },
      ...effortCells(one),
      number(Math.max(one.ms - inRules, 0), 2),
      mebibytes(one.bytes),
      rule === undefined ? { text: "" } : { html: linked(rule, sources) },
    ];
  });
  const head = ["iteration", ...effortHead, "ms in indexes", "MiB in all", "dearest rule"];
  return [
    `<h3>Iterations of ${xmlText(names)}</h3>`,
    ...[tuples, times],
    `<details><summary>As a table</summary>`,
    table(`Iterations of ${names}`, head, rows),
    "</details>",
  ].join("\n");
}

const effortHead = ["ms", "new tuples", "firings", "look-ups", "MiB grown"];

function effortCells({ ms, derived, firings, probes, grownBytes }: StratumEffort): Cell[] {
  return [number(ms, 2), number(derived), number(firings), number(probes), mebibytes(grownBytes)];
}

type StratumEffort = Pick<StratumProfile, "ms" | "derived" | "firings" | "probes" | "grownBytes">;

function ruleTable({ rules }: Profile, sources: Sources): string {
  const rows = rules
    .toSorted((a, b) => b.ms - a.ms)
    .map((rule) => [{ html: linked(rule, sources) }, number(rule.runs), ...effortCells(rule)]);
  return table("Rules", ["rule", "runs", ...effortHead], rows);
}

function relationTable({ relations }: Profile): string {
  const rows = relations.map(({ name, tuples, bytes, indexBytes, form }): Cell[] => [
    ...[{ text: name }, number(tuples), mebibytes(bytes), mebibytes(indexBytes)],
    ...[number(tuples === 0 ? 0 : bytes / tuples, 1), { text: form }],
  ]);
  const head = ["relation", "tuples", "MiB", "MiB in indexes", "bytes per tuple", "found by"];
  return table("Relations", head, rows);
}

/** A text with what the rules of each line took. */
function source({ rules }: Profile, path: string, text: string, at: number): string {
  const spent = new Map<number, number>();
  for (const rule of rules)
    if (rule.path === path) spent.set(rule.line, (spent.get(rule.line) ?? 0) + rule.ms);
  const lines = text.split(/\r?\n/).map((line, before) => {
    const ms = spent.get(before + 1);
    const said = ms === undefined ? "" : milliseconds(ms);
    return (
      `<div id="text${at}-${before + 1}"><span>${before + 1}</span><span>${said}</span>` +
      `<code>${xmlText(line)}</code></div>`
    );
  });
  const name = xmlText(path);
  return `<h2>${name}</h2>
<div class="scroll source" role="region" tabindex="0" aria-label="${name}">
${lines.join("\n")}
</div>`;
}

function linked({ rule, path, line, deltaAt }: RuleProfile, sources: Sources): string {
  const code = `<code>${xmlText(rule)}</code>`;
  const delta = deltaAt === undefined ? "" : ` <span class="quiet">Δ ${deltaAt + 1}</span>`;
  const at = [...sources.keys()].indexOf(path);
  return at < 0 ? code + delta : `<a href="#text${at}-${line}">${code}</a>${delta}`;
}

function roundsOf({ round, rounds }: IterationProfile): string {
  if (round === 0) return "once";
  return rounds === 1 ? `${round}` : `${round}–${round + rounds - 1}`;
}

function milliseconds(ms: number): string {
  return `${number(ms, ms < 100 ? 2 : 0).text} ms`;
}
