// The language server: from an editor's requests to what the index and the checker know.
import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  type Location,
  ResponseError,
  ErrorCodes,
  MessageType,
  ShowMessageNotification,
  TextDocuments,
  TextDocumentSyncKind,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import { createConnection } from "vscode-languageserver/node";
import { TextDocument, type Position } from "vscode-languageserver-textdocument";
import { textOf, type Span } from "../base/source.ts";
import { format } from "../syntax/format.ts";
import type { Checker } from "./checker.ts";
import { completions } from "./completion.ts";
import { shownFinding } from "./findings.ts";
import { hover } from "./hover.ts";
import { inlayHints } from "./inlay-hints.ts";
import { foldings, outline } from "./outline.ts";
import { offsetOf, pathOf, rangeOf, uriOf } from "./positions.ts";
import { distinctSpans, renaming, sameSymbols, unrenamable } from "./rename.ts";
import { repairs } from "./repairs.ts";
import { legend } from "./name-tokens.ts";
import { semanticTokens } from "./semantic-tokens.ts";
import { declarationOf, type Occurrence } from "./symbol.ts";
import { Workspace, type Understood } from "./workspace.ts";

/** Serves an editor at the other end of two streams, until it says to exit; resolves then. */
export async function serveEditor(
  streams: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
  checker: Checker,
): Promise<void> {
  const connection = createConnection(streams.input, streams.output);
  const documents = new TextDocuments(TextDocument);
  const workspace = new Workspace(checker, {
    found: (path, findings) => {
      const diagnostics = findings.map((finding) => shownFinding(finding, checker.pageOf));
      void connection.sendDiagnostics({ uri: uriOf(path), diagnostics });
    },
    complained: (message) => {
      void connection.sendNotification(ShowMessageNotification.type, {
        type: MessageType.Warning,
        message,
      });
    },
    failed: (error) => connection.console.error(String(error)),
  });
  documents.onDidChangeContent(({ document }) => workspace.changed(document));
  documents.onDidClose(({ document }) => workspace.closed(document));
  documents.listen(connection);
  answer(connection, workspace, checker);
  const ended = new Promise<void>((resolve) => {
    connection.onShutdown(() => workspace.stop());
    connection.onExit(resolve);
  });
  connection.listen();
  await ended;
}

function answer(connection: Connection, workspace: Workspace, checker: Checker): void {
  connection.onInitialize(() => ({
    serverInfo: { name: "calm", version: checker.version },
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      hoverProvider: true,
      definitionProvider: true,
      referencesProvider: true,
      documentHighlightProvider: true,
      renameProvider: { prepareProvider: true },
      documentSymbolProvider: true,
      completionProvider: { triggerCharacters: [".", "@", "$", ":"] },
      documentFormattingProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      semanticTokensProvider: { legend, full: true, range: true },
      inlayHintProvider: true,
      foldingRangeProvider: true,
    },
  }));
  // A file of the project was changed elsewhere: an included one, or the configuration.
  connection.onDidChangeWatchedFiles(() => workspace.recheck());

  connection.onHover(async ({ textDocument: { uri }, position }) => {
    const of = await workspace.understood(uri);
    const said = of && hover(of, of.source.path, offsetOf(of.source, position));
    if (said === undefined) return null;
    return {
      contents: { kind: "markdown", value: said.markdown },
      range: rangeOf(said.span),
    };
  });
  connection.onDefinition(async ({ textDocument: { uri }, position }) => {
    const found = await named(workspace, uri, position);
    const declarations = found?.occurrence.symbol.occurrences.filter(
      ({ role }) => role === "declaration",
    );
    // A variable is declared by nothing: it is first met somewhere.
    const first = found?.occurrence.symbol.occurrences[0];
    const places = declarations?.length ? declarations : first ? [first] : [];
    return distinctSpans(places).map(locationOf);
  });
  connection.onReferences(async ({ textDocument: { uri }, position, context }) => {
    const found = await named(workspace, uri, position);
    if (found === undefined) return [];
    const all = sameSymbols(found.occurrence.symbol, found.all).flatMap((one) => one.occurrences);
    const wanted = all.filter(({ role }) => context.includeDeclaration || role !== "declaration");
    return distinctSpans(wanted).map(locationOf);
  });
  connection.onDocumentHighlight(async ({ textDocument: { uri }, position }) => {
    const found = await named(workspace, uri, position);
    const all = found?.occurrence.symbol.occurrences ?? [];
    const path = pathOf(uri);
    return distinctSpans(all.filter(({ span }) => span.source.path === path)).map((span) => ({
      range: rangeOf(span),
    }));
  });
  connection.onPrepareRename(async ({ textDocument: { uri }, position }) => {
    const found = await named(workspace, uri, position);
    if (found === undefined) throw refused("there is no name here that could be another");
    const why = unrenamable(found.occurrence);
    if (why !== undefined) throw refused(why);
    const { span, symbol } = found.occurrence;
    return { range: rangeOf(span), placeholder: symbol.name };
  });
  connection.onRenameRequest(async ({ textDocument: { uri }, position, newName }) => {
    const found = await named(workspace, uri, position);
    if (found === undefined) throw refused("there is no name here that could be another");
    const result = renaming(found.occurrence, newName, found.all);
    if ("refusal" in result) throw refused(result.refusal);
    return editOf(result.spans.map((span) => ({ span, text: newName })));
  });
  connection.onDocumentSymbol(async ({ textDocument: { uri } }) => {
    const of = await workspace.understood(uri);
    return of && outline(of.tree, of.source.path);
  });
  connection.onFoldingRanges(async ({ textDocument: { uri } }) => {
    const of = await workspace.understood(uri);
    return of && foldings(of.tree, of.source.path);
  });
  connection.onCompletion(async ({ textDocument: { uri }, position, context }) => {
    const of = await workspace.understood(uri);
    return of && completions(of, offsetOf(of.source, position), context?.triggerCharacter);
  });
  connection.onDocumentFormatting(async ({ textDocument: { uri } }) => {
    const of = await workspace.understood(uri);
    if (of === undefined) return null;
    const { source } = of;
    const { text, diagnostics } = format(source, checker.reading(workspace.load));
    // What does not parse stays as it is; the findings say why.
    if (text === undefined || diagnostics.length > 0 || text === source.text) return [];
    return [{ range: rangeOf({ source, start: 0, end: source.text.length }), newText: text }];
  });
  connection.onCodeAction(async ({ textDocument: { uri }, range }) => {
    const of = await workspace.understood(uri);
    if (of === undefined) return [];
    const start = offsetOf(of.source, range.start);
    const end = offsetOf(of.source, range.end);
    const near = of.diagnostics.filter(
      ({ span }) => span.source.path === of.source.path && span.start <= end && span.end >= start,
    );
    return near.flatMap((finding): CodeAction[] =>
      repairs(finding, of).map(({ title, edits, preferred }) => ({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [shownFinding(finding, checker.pageOf)],
        edit: editOf(edits),
        ...(preferred && { isPreferred: true }),
      })),
    );
  });
  connection.languages.semanticTokens.on(async ({ textDocument: { uri } }) => {
    const of = await workspace.understood(uri);
    return of === undefined ? { data: [] } : semanticTokens(of, of.source.path);
  });
  connection.languages.semanticTokens.onRange(async ({ textDocument: { uri }, range }) => {
    const of = await workspace.understood(uri);
    return of === undefined
      ? { data: [] }
      : semanticTokens(of, of.source.path, offsetsOf(of, range));
  });
  connection.languages.inlayHint.on(async ({ textDocument: { uri }, range }) => {
    const of = await workspace.understood(uri);
    return of && inlayHints(of, of.source.path, offsetsOf(of, range));
  });
}

type Named = { readonly occurrence: Occurrence; readonly all: readonly Understood[] };

/** Returns what stands at a position. A text that does not say what it is itself may be part of
 * another program that is open. */
async function named(
  workspace: Workspace,
  uri: string,
  position: Position,
): Promise<Named | undefined> {
  const all = await workspace.all(uri);
  const [first] = all;
  const path = pathOf(uri);
  if (first?.source.path !== path) return undefined;
  const offset = offsetOf(first.source, position);
  const found = all.flatMap(({ index }) => index.at(path, offset) ?? []);
  const declared = found.find(({ symbol }) => declarationOf(symbol) !== undefined);
  const occurrence = declared ?? found[0];
  return occurrence && { occurrence, all };
}

function offsetsOf(
  { source }: Understood,
  { start, end }: { readonly start: Position; readonly end: Position },
): { start: number; end: number } {
  return { start: offsetOf(source, start), end: offsetOf(source, end) };
}

function locationOf(span: Span): Location {
  return { uri: uriOf(span.source.path), range: rangeOf(span) };
}

function editOf(edits: readonly { readonly span: Span; readonly text: string }[]): WorkspaceEdit {
  const changes: Record<string, TextEdit[]> = {};
  for (const { span, text } of edits) {
    if (textOf(span) === text) continue;
    const uri = uriOf(span.source.path);
    (changes[uri] ??= []).push({ range: rangeOf(span), newText: text });
  }
  return { changes };
}

function refused(why: string): ResponseError<undefined> {
  return new ResponseError(ErrorCodes.InvalidRequest, why);
}
