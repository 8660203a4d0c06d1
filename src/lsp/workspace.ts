// The documents that are open, and what is known of each: checked a moment after a change, with
// what it includes as it stands in the editor or on the disk.
import { readFileSync } from "node:fs";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source } from "../base/source.ts";
import type { Checked, Checker } from "./checker.ts";
import { pathOf } from "./positions.ts";
import { symbolIndex, type SymbolIndex } from "./symbols.ts";

/** One version of a document, understood. */
export type Understood = Checked & {
  readonly source: Source;
  readonly index: SymbolIndex;
};

/** What a workspace reports to. */
export type Listener = {
  /** All that is now found in one text. */
  readonly found: (path: string, diagnostics: readonly Diagnostic[]) => void;
  /** What is wrong with a project's settings; said again only after it was right. */
  readonly complained: (complaint: string) => void;
  readonly failed: (error: unknown) => void;
};

/** How long after the last change a document is checked: short enough to seem immediate, long
 * enough to wait for the next key of somebody who types fast. */
const quietMs = 60;

type Open = {
  document: TextDocument;
  /** What the latest version is; absent after a change. */
  understood?: Promise<Understood>;
  /** What some version was, for what has to be answered without waiting. */
  last?: Understood;
  timer?: NodeJS.Timeout;
};

/** The open documents. */
export class Workspace {
  private readonly open = new Map<string, Open>();
  /** The texts for which findings are shown, by the document that they were found with. */
  private readonly shown = new Map<string, Set<string>>();
  private complaint: string | undefined;
  private readonly checker: Checker;
  private readonly listener: Listener;

  constructor(checker: Checker, listener: Listener) {
    this.checker = checker;
    this.listener = listener;
  }

  /** Takes a document's new version, and checks it, and what includes it, after a moment. */
  changed(document: TextDocument): void {
    const path = pathOf(document.uri);
    const entry = this.open.get(path) ?? { document };
    entry.document = document;
    this.open.set(path, entry);
    this.later(path, entry);
    for (const [other, including] of this.open)
      if (other !== path && includes(including, path)) this.later(other, including);
  }

  /** Forgets a document that was closed; what it was found to have is no longer shown. */
  closed(document: TextDocument): void {
    const path = pathOf(document.uri);
    const entry = this.open.get(path);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    this.open.delete(path);
    const before = this.shown.get(path) ?? new Set();
    this.shown.delete(path);
    for (const text of before) this.show(text);
    for (const [other, including] of this.open)
      if (includes(including, path)) this.later(other, including);
  }

  /** Checks all again, as after a change of what is on the disk. */
  recheck(): void {
    for (const [path, entry] of this.open) this.later(path, entry);
  }

  /** Stops all that is about to be checked. */
  stop(): void {
    for (const { timer } of this.open.values()) clearTimeout(timer);
  }

  /** Returns what the present version of a document is, undefined for one that is not open. */
  async understood(uri: string): Promise<Understood | undefined> {
    const entry = this.open.get(pathOf(uri));
    return entry && this.current(entry);
  }

  /** Returns what a document was last understood to be. */
  last(uri: string): Understood | undefined {
    return this.open.get(pathOf(uri))?.last;
  }

  /** Returns all that is open, understood, with what is at a path first. */
  async all(uri: string): Promise<readonly Understood[]> {
    const first = this.open.get(pathOf(uri));
    const rest = [...this.open.values()].filter((entry) => entry !== first);
    return Promise.all([...(first ? [first] : []), ...rest].map((entry) => this.current(entry)));
  }

  /** Returns the text of a file, as it stands in the editor where it is open there. */
  readonly load = (path: string): string | undefined => {
    const entry = this.open.get(path);
    if (entry !== undefined) return entry.document.getText();
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };

  private later(path: string, entry: Open): void {
    delete entry.understood;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      this.check(path, entry).catch((error: unknown) => this.listener.failed(error));
    }, quietMs);
  }

  private current(entry: Open): Promise<Understood> {
    entry.understood ??= this.understand(entry);
    return entry.understood;
  }

  private async understand(entry: Open): Promise<Understood> {
    const { document } = entry;
    const source = { path: pathOf(document.uri), text: document.getText() };
    const checked = await this.checker.check(source, this.load);
    let index: SymbolIndex | undefined;
    const understood: Understood = {
      ...checked,
      source,
      // Findings do not wait for it.
      get index() {
        return (index ??= symbolIndex(checked.tree));
      },
    };
    entry.last = understood;
    return understood;
  }

  private async check(path: string, entry: Open): Promise<void> {
    const { version } = entry.document;
    const understood = await this.current(entry);
    // Closed or changed in the meantime: another check is on its way.
    if (this.open.get(path) !== entry || entry.document.version !== version) return;
    const { complaint } = understood;
    if (complaint !== undefined && complaint !== this.complaint)
      this.listener.complained(complaint);
    this.complaint = complaint;
    const texts = understood.sources.map((source) => source.path);
    const found = understood.diagnostics.map(({ span }) => span.source.path);
    const before = this.shown.get(path) ?? new Set();
    const now = new Set([path, ...texts, ...found]);
    this.shown.set(path, now);
    for (const text of new Set([...before, ...now])) this.show(text);
  }

  /** Reports all that the open documents find in a text. What is included is understood by what
   * includes it, where that is open too. */
  private show(path: string): void {
    const roots = [...this.shown].filter(([, texts]) => texts.has(path)).map(([root]) => root);
    const around = roots.filter((root) => root !== path);
    const asking = around.length > 0 ? around : roots;
    const seen = new Set<string>();
    const found = asking.flatMap((root) =>
      (this.open.get(root)?.last?.diagnostics ?? []).filter(({ span, code, message }) => {
        if (span.source.path !== path) return false;
        const key = JSON.stringify([span.start, span.end, code, message]);
        if (seen.has(key)) return false;
        seen.add(key);
        return true;
      }),
    );
    this.listener.found(path, found);
  }
}

/** Whether a document was last seen to include a file, or to want one that was not there. */
function includes({ last }: Open, path: string): boolean {
  if (last === undefined) return false;
  return (
    last.sources.some((source) => source.path === path) ||
    last.diagnostics.some(({ code }) => code === "include-not-found")
  );
}
