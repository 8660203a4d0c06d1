// What the page shows: one project, what the checker says of it, what its last run came to. Views
// read signals and call the functions below; nobody else asks the workers.
import { batch, computed, signal } from "@preact/signals";
import { Calls, Stopped } from "./calls.ts";
import { exampleProject } from "./examples.ts";
import * as kept from "./history.ts";
import { decoded, encoded, linesOf, linkLettersMax, type Shared, type Tab, tabs } from "./link.ts";
import { findNode, servingNode } from "./node.ts";
import type { Checked, Finding, Place, Project, RunLimits, RunResult } from "./protocol.ts";

const begin = (): Worker =>
  new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "calmdb" });

/** Answers what the editor asks. */
export const language = new Calls(begin);
/** Evaluates. */
export const evaluation = new Calls(begin);

/** Explains. */
export const explaining = new Calls(begin);
/** Simulates networks. */
export const simulation = new Calls(begin);

/** How far a run may go unless somebody says otherwise. */
const defaultLimits: RunLimits = { seconds: 5, tuples: 1_000_000, steps: 10_000 };

/** How long the keys have to rest before the text is checked, and run. */
const restMs = 150;

const empty: Project = { main: "program.dl", files: { "program.dl": "" } };

export const project = signal<Project>(empty);
/** The names of its files, the program's first: the same value while only texts change. */
const fileNamesText = computed(() =>
  JSON.stringify([project.value.main, ...Object.keys(project.value.files)]),
);
/** Which file is the program, and the names of all: read in place of `project` by what does not
 * depend on texts, as that is another one after each key. */
export const fileNames = computed(
  (): { readonly main: string; readonly all: readonly string[] } => {
    const [main = "", ...all] = JSON.parse(fileNamesText.value) as readonly string[];
    return { main, all };
  },
);
/** The file that is edited. */
export const file = signal(empty.main);
/** Counts the projects that were opened: what an editor knew of the one before is void. */
export const opened = signal(0);
export const tab = signal<Tab>("results");
/** The tabs that there are: that of the node where one serves the page. */
export const shownTabs = computed<readonly Tab[]>(() =>
  tabs.filter((one) => one !== "node" || servingNode.value !== undefined),
);
export const limits = signal<RunLimits>(defaultLimits);
/** What tabs keep with the project, by their names. */
export const views = signal<Readonly<Record<string, unknown>>>({});
export const runsByItself = signal(true);
/** Whether only the editor and the results are to be seen, as in a page of documentation. */
export const embedded = signal(false);

export const checked = signal<Checked | undefined>(undefined);
/** Which text `checked` is of. */
export const checkedProject = signal<Project | undefined>(undefined);

/** What evaluation is doing. */
export type RunState =
  | { readonly kind: "none" }
  | { readonly kind: "running"; readonly sinceMs: number; readonly progress: string }
  | { readonly kind: "done"; readonly run: number; readonly result: RunResult }
  | { readonly kind: "stopped"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

export const runState = signal<RunState>({ kind: "none" });
/** The last run that came to an end, shown until there is another. */
export const result = signal<{ readonly run: number; readonly result: RunResult } | undefined>(
  undefined,
);
/** What is said for a moment. */
export const notice = signal("");
/** The place that the editor is to go to. */
export const goal = signal<(Place & { readonly focus: boolean }) | undefined>(undefined);

/** All that was found: by the checker, and by the last run. */
export const findings = computed<readonly (Finding & { readonly fixable?: number })[]>(() => [
  ...(checked.value?.findings ?? []).map((finding, at) => ({ ...finding, fixable: at })),
  ...(runState.value.kind === "done" ? runState.value.result.findings : []).filter(
    ({ code, start }) =>
      !(checked.value?.findings ?? []).some((of) => of.code === code && of.start === start),
  ),
]);

let checkTimer: ReturnType<typeof setTimeout> | undefined;
let noticeTimer: ReturnType<typeof setTimeout> | undefined;
let lastRun = 0;
/** The project that was there when a run was stopped: it is run again only when that is asked for. */
let stopped: Project | undefined;

/** Says something for a moment, also to those who do not see it. */
export function say(text: string): void {
  notice.value = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => {
    notice.value = "";
  }, 4000);
}

/** Opens a project in place of the present one. */
export function open(shared: Shared): void {
  batch(() => {
    project.value = { main: shared.main, files: shared.files };
    file.value = shared.main;
    tab.value = shownTabs.value.find((one) => one === shared.tab) ?? "results";
    views.value = shared.views ?? {};
    limits.value = { ...defaultLimits, ...shared.limits };
    checked.value = undefined;
    result.value = undefined;
    runState.value = { kind: "none" };
    opened.value++;
  });
  evaluation.stop();
  void check();
}

/** Takes a file's new text. It is checked, and run, once the keys rest. */
export function write(name: string, text: string): void {
  const { main, files } = project.value;
  if (files[name] === text) return;
  project.value = { main, files: { ...files, [name]: text } };
  later();
}

/** Adds a file and opens it. */
export function addFile(name: string, text = ""): void {
  const { main, files } = project.value;
  project.value = { main, files: { ...files, [name]: text } };
  file.value = name;
  opened.value++;
  later();
}

/** Takes a file away; not the program. */
export function removeFile(name: string): void {
  const { main, files } = project.value;
  if (name === main) return;
  const { [name]: _, ...rest } = files;
  project.value = { main, files: rest };
  if (file.value === name) file.value = main;
  later();
}

function later(): void {
  clearTimeout(checkTimer);
  checkTimer = setTimeout(() => void check(), restMs);
}

/** Keeps what was changed last and not checked yet, as the page goes. */
export function keepUnchecked(): void {
  if (checkTimer !== undefined) kept.keep(shared());
}

/** Checks the project, and runs it where that is wanted and possible. */
export async function check(): Promise<void> {
  clearTimeout(checkTimer);
  checkTimer = undefined;
  const asked = project.value;
  kept.keep(shared());
  try {
    const answer = await language.call("check", asked);
    if (asked !== project.value) return;
    batch(() => {
      checked.value = answer;
      checkedProject.value = asked;
    });
    if (answer.runs && runsByItself.value && stopped !== asked) await run();
    else if (!answer.runs) evaluation.stop();
  } catch (error) {
    if (!(error instanceof Stopped)) say(reason(error));
  }
}

/** Runs the project. What runs is stopped; what is asked later has its answer dropped. */
export async function run(): Promise<void> {
  if (evaluation.busy) evaluation.stop();
  const number = ++lastRun;
  const asked = project.value;
  const bounds = limits.value;
  runState.value = { kind: "running", sinceMs: performance.now(), progress: "" };
  const timer = setTimeout(() => {
    if (number !== lastRun) return;
    evaluation.stop();
    const why = `it ran for ${bounds.seconds} s, the limit; set another beside Run`;
    runState.value = { kind: "stopped", why };
  }, bounds.seconds * 1000);
  try {
    const answer = await evaluation.call("run", { project: asked, limits: bounds }, (progress) => {
      if (number === lastRun && runState.value.kind === "running")
        runState.value = { ...runState.value, progress };
    });
    if (number !== lastRun) return;
    kept.remember(shared(), Date.now());
    batch(() => {
      runState.value = { kind: "done", run: number, result: answer };
      result.value = { run: number, result: answer };
    });
  } catch (error) {
    if (number !== lastRun || error instanceof Stopped) return;
    runState.value = { kind: "failed", why: reason(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Stops what runs. */
export function stop(): void {
  if (runState.value.kind !== "running") return;
  evaluation.stop();
  stopped = project.value;
  runState.value = { kind: "stopped", why: "you stopped it" };
}

/** Puts the file that is edited into canonical layout. */
export async function formatFile(): Promise<void> {
  const name = file.value;
  const text = project.value.files[name] ?? "";
  if (!name.endsWith(".dl")) {
    say("only programs have a layout");
    return;
  }
  const formatted = await language.call("format", { name, text });
  if (formatted === undefined) say("it cannot be read: see what is found first");
  else if (formatted !== text && project.value.files[name] === text) {
    write(name, formatted);
    opened.value++;
    say("formatted");
  }
}

/** Applies edits to the project's files. */
export function apply(edits: readonly (Place & { readonly text: string })[]): void {
  const files = { ...project.value.files };
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) {
    const text = files[edit.file] ?? "";
    files[edit.file] = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  }
  batch(() => {
    project.value = { ...project.value, files };
    opened.value++;
  });
  void check();
}

/** Keeps what a tab wants to be seen with, in links too. */
export function keepView(name: string, value: unknown): void {
  views.value = { ...views.value, [name]: value };
}

/** Shows a place in the editor. */
export function show(place: Place, focus = true): void {
  if (project.value.files[place.file] === undefined) return;
  batch(() => {
    file.value = place.file;
    goal.value = { ...place, focus };
  });
}

/** What a link or a file of this page carries. */
export function shared(): Shared {
  const { main, files } = project.value;
  return { main, files, tab: tab.value, limits: limits.value, views: views.value };
}

/** Copies a link to what is seen; offers a file where it would be too long. */
export async function share(): Promise<void> {
  const hash = await encoded(shared());
  const url = `${location.href.replace(/[?#].*$/, "")}#${hash}`;
  if (hash.length > linkLettersMax) {
    download("calmdb-project.json", JSON.stringify(shared(), null, 2));
    say("too long for a link: it is in a file, which can be dropped here");
    return;
  }
  // An example in the address is no longer what is seen; that the page is embedded is.
  window.history.replaceState(null, "", embedded.value ? `#${hash}` : url);
  try {
    await navigator.clipboard.writeText(url);
    say("the link is copied");
  } catch {
    say("the link is in the address bar");
  }
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 1000);
}

/** Opens what the address says: a link's project, an example, else what was open last. */
export async function start(): Promise<void> {
  const { hash, search } = location;
  const asked = new URLSearchParams(search);
  embedded.value = asked.get("embed") === "1";
  try {
    const carried = await decoded(hash);
    const id = asked.get("example") ?? (carried === undefined ? undefined : "");
    const example = id === undefined || id === "" ? undefined : await exampleProject(id);
    if (id !== undefined && id !== "" && example === undefined) say(`there is no example "${id}"`);
    await findNode();
    const usual = servingNode.value === undefined ? "results" : "node";
    const chosen = tabs.find((one) => one === asked.get("tab")) ?? usual;
    const first = await exampleProject("coordination/reach");
    open(
      carried ??
        (example && { ...example, tab: chosen }) ??
        keptAt(usual) ?? { ...(first ?? empty), tab: chosen },
    );
  } catch (error) {
    say(`the link cannot be read: ${reason(error)}`);
    open({ ...((await exampleProject("coordination/reach")) ?? empty), tab: "results" });
  }
  const lines = linesOf(hash);
  if (lines !== undefined) showLines(lines);
}

/** What was open last; beside a node its tab is what the page is opened for. */
function keptAt(usual: Tab): Shared | undefined {
  const current = kept.current();
  return current && usual === "node" ? { ...current, tab: usual } : current;
}

/** Shows lines of a file, those of the program unless another is named. */
export function showLines(
  { from, to }: { readonly from: number; readonly to: number },
  of = project.value.main,
): void {
  const lines = (project.value.files[of] ?? "").split("\n");
  const start = lines.slice(0, from - 1).join("\n").length + (from > 1 ? 1 : 0);
  const end = lines.slice(0, to).join("\n").length;
  show({ file: of, start, end }, false);
}

/** Why something failed, in words. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
