// The search of the site. Sections are found that have a word beginning with each word that is asked
// for; those that have them in their headings come first.

/** Returns the sections that fit, best first. */
globalThis.calmSearch = (sections, asked, most = 20) => {
  const words = wordsOf(asked);
  if (words.length === 0) return [];
  return sections
    .map((section, at) => ({ section, at, worth: worthOf(section, words) }))
    .filter(({ worth }) => worth > 0)
    .sort((one, other) => other.worth - one.worth || one.at - other.at)
    .slice(0, most)
    .map(({ section }) => section);
};

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{Letter}\p{Number}_]+/gu) ?? [];
}

/** How well a section fits: 0 where it lacks a word. */
function worthOf(section, words) {
  const parts = [
    [wordsOf(section.heading), 20],
    [wordsOf(section.title), section.heading === "" ? 20 : 4],
    [wordsOf(section.text), 1],
  ];
  let worth = 0;
  for (const word of words) {
    let best = 0;
    for (const [of, weight] of parts) {
      const whole = of.filter((one) => one === word).length;
      const begun = of.some((one) => one.startsWith(word));
      if (begun) best += weight * (whole > 0 ? 2 + Math.min(whole, 9) / 10 : 1);
    }
    if (best === 0) return 0;
    worth += best;
  }
  return worth;
}

if (typeof document !== "undefined") {
  const { root } = document.currentScript.dataset;
  const field = document.getElementById("search");
  const list = document.getElementById("found");
  let loading;
  const loaded = () =>
    (loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}index.js`;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }));
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  field.addEventListener("input", async () => {
    await loaded();
    const found = globalThis.calmSearch(globalThis.calmSections, field.value);
    list.hidden = field.value.trim() === "";
    list.replaceChildren(...(found.length === 0 ? [row("nothing found")] : found.map(rowOf)));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || /^(?:input|textarea)$/i.test(event.target.tagName)) return;
    event.preventDefault();
    field.focus();
  });

  function rowOf({ url, title, heading }) {
    const link = document.createElement("a");
    link.href = root + url;
    link.textContent = heading === "" ? title : `${title}: ${heading}`;
    return row(link);
  }

  function row(content) {
    const item = document.createElement("li");
    item.append(content);
    return item;
  }
}
