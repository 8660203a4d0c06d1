import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";

import {
  createProtocolConnection,
  type Diagnostic,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node";

const command = fileURLToPath(new URL("../../src/cli/bin.ts", import.meta.url));

/** An editor: a language server in a process of its own, and the documents that are open in it. */
export class Editor {
  readonly connection: ProtocolConnection;
  /** What the server wanted its user to see. */
  readonly messages: string[] = [];
  private readonly child: ChildProcess;
  private readonly documents = new Map<string, { text: string; version: number }>();
  private readonly found = new Map<string, Diagnostic[]>();
  private readonly waiting = new Set<(params: PublishDiagnosticsParams) => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    if (child.stdout === null || child.stdin === null) throw new Error("no pipes");
    this.connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    this.connection.onNotification("textDocument/publishDiagnostics", (params) => {
      const published = params as PublishDiagnosticsParams;
      this.found.set(published.uri, published.diagnostics);
      for (const waiter of this.waiting) waiter(published);
    });
    this.connection.onNotification("window/showMessage", ({ message }: { message: string }) => {
      this.messages.push(message);
    });
    this.connection.listen();
  }

  /** Opens a document and resolves to its findings. */
  async open(path: string, text: string): Promise<Diagnostic[]> {
    const uri = uriOf(path);
    this.documents.set(uri, { text, version: 1 });
    const found = this.next(uri);
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "calm", version: 1, text },
    });
    return found;
  }

  /** Replaces a part of a document, or all of it, and resolves to its findings then. */
  async change(path: string, text: string, range?: Range): Promise<Diagnostic[]> {
    const uri = uriOf(path);
    const document = this.documents.get(uri)!;
    const version = document.version + 1;
    const whole = range === undefined ? text : applied(document.text, [{ range, newText: text }]);
    this.documents.set(uri, { text: whole, version });
    const found = this.next(uri);
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [range === undefined ? { text } : { range, text }],
    });
    return found;
  }

  /** Closes a document, and resolves when what it had is no longer shown. */
  async close(path: string): Promise<Diagnostic[]> {
    const uri = uriOf(path);
    const found = this.next(uri);
    await this.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    this.documents.delete(uri);
    return found;
  }

  /** What was last found in a text. */
  diagnostics(path: string): readonly Diagnostic[] {
    return this.found.get(uriOf(path)) ?? [];
  }

  /** Asks about a document, and a position in it, as a method wants. */
  async ask<T>(method: string, path: string, more: object = {}): Promise<T> {
    return this.connection.sendRequest<T>(method, {
      textDocument: { uri: uriOf(path) },
      ...more,
    });
  }

  /** Asks about the place of `text` in a document, the `occurrence`-th from 0, `into` it. */
  async askAt<T>(
    method: string,
    path: string,
    text: string,
    {
      occurrence = 0,
      into = 0,
      ...more
    }: { occurrence?: number; into?: number; [key: string]: unknown } = {},
  ): Promise<T> {
    const position = this.place(path, text, occurrence, into);
    return this.ask<T>(method, path, { position, ...more });
  }

  /** Returns the position of a text in a document. */
  place(path: string, text: string, occurrence = 0, into = 0): Position {
    const whole = this.documents.get(uriOf(path))!.text;
    let at = -1;
    for (let count = 0; count <= occurrence; count++) at = whole.indexOf(text, at + 1);
    if (at < 0) throw new Error(`no ${text} in ${whole}`);
    const before = whole.slice(0, at + into).split(/\r\n|\n|\r/);
    return { line: before.length - 1, character: before.at(-1)!.length };
  }

  /** Returns a document's text with the edits of a workspace edit. */
  edited(path: string, edit: WorkspaceEdit | null): string {
    const uri = uriOf(path);
    return applied(this.documents.get(uri)!.text, edit?.changes?.[uri] ?? []);
  }

  /** Ends the server as editors do; resolves to its exit code. */
  async end(): Promise<number | null> {
    const code = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const result = await code;
    this.connection.dispose();
    return result;
  }

  /** Kills a server that a failed test left behind. */
  kill(): void {
    if (this.child.exitCode === null) this.child.kill("SIGKILL");
  }

  private next(uri: string): Promise<Diagnostic[]> {
    return new Promise((resolve) => {
      const waiter = (params: PublishDiagnosticsParams): void => {
        if (params.uri !== uri) return;
        this.waiting.delete(waiter);
        resolve(params.diagnostics);
      };
      this.waiting.add(waiter);
    });
  }
}

/** Starts a server, and says hello to it. */
export async function editor(argv: readonly string[] = []): Promise<Editor> {
  const child = spawn(process.execPath, ["--import", "tsx", command, "lsp", "--stdio", ...argv], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const started = new Editor(child);
  const died = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  const answered = started.connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  died.catch(() => undefined);
  await Promise.race([answered, died]);
  await started.connection.sendNotification("initialized", {});
  return started;
}

/** Returns `text` with edits made, which do not overlap. */
export function applied(text: string, edits: readonly TextEdit[]): string {
  const offset = ({ line, character }: Position): number => {
    const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
    return lines.slice(0, line).reduce((sum, one) => sum + one.length, 0) + character;
  };
  return edits
    .toSorted((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (whole, { range, newText }) =>
        whole.slice(0, offset(range.start)) + newText + whole.slice(offset(range.end)),
      text,
    );
}

/** Returns the address of a file. */
export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
