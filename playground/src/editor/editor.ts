// The editor: CodeMirror with the language from the worker. It knows of one text; which one, and
// what becomes of changes, is told from outside.
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type Completion,
  type CompletionContext,
  completionKeymap,
  type CompletionResult,
  snippetCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, toggleComment } from "@codemirror/commands";
import { bracketMatching, indentUnit } from "@codemirror/language";
import {
  type Action,
  type Diagnostic,
  lintGutter,
  lintKeymap,
  setDiagnostics,
} from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  type Tooltip,
} from "@codemirror/view";
import type { Finding, Place, Proposal, QuickFix, Said, Token } from "../protocol.ts";
import { markdownElement } from "./markdown.ts";
import { coloring, recolor } from "./tokens.ts";

/** What the editor asks, and tells. */
export type EditorOptions = {
  readonly parent: HTMLElement;
  readonly changed: (text: string) => void;
  readonly tokens: (text: string) => Promise<readonly Token[]>;
  readonly complete: (offset: number, typed?: string) => Promise<readonly Proposal[]>;
  readonly hover: (offset: number) => Promise<Said | undefined>;
  readonly definition: (at: number) => Promise<Place | undefined>;
  readonly fixes: (finding: number) => Promise<readonly QuickFix[]>;
  readonly apply: (fix: QuickFix) => void;
  readonly show: (place: Place) => void;
};

/** Marks changes that come from outside, of which nobody has to be told. */
const fromOutside = Annotation.define<boolean>();

/** The editor of one text at a time. */
export class Editor {
  readonly view: EditorView;
  private readonly options: EditorOptions;
  private readonly extensions: Extension;
  /** Counts what was found: ways to settle what is no longer shown are dropped. */
  private findings = 0;

  constructor(options: EditorOptions) {
    this.options = options;
    this.extensions = extensionsOf(options);
    this.view = new EditorView({ parent: options.parent, state: this.stateOf("") });
  }

  /** Takes another text; what was undone or found in the one before is void. */
  open(text: string): void {
    this.view.setState(this.stateOf(text));
  }

  /** Takes the same file's text as it was changed elsewhere; that can be undone. */
  replace(text: string): void {
    const { doc } = this.view.state;
    if (doc.toString() === text) return;
    this.view.dispatch({
      changes: { from: 0, to: doc.length, insert: text },
      annotations: fromOutside.of(true),
    });
  }

  /** Shows what was found in this text; the ways to settle it are added when they are known. */
  async found(findings: readonly (Finding & { readonly fixable?: number })[]): Promise<void> {
    const { view, options } = this;
    const number = ++this.findings;
    view.dispatch(setDiagnostics(view.state, this.diagnostics(findings, [])), {
      effects: recolor.of(null),
    });
    const fixes = await Promise.all(
      findings.map(({ fixable }, at) =>
        fixable === undefined || at >= fixedMax
          ? Promise.resolve([])
          : options.fixes(fixable).catch((): readonly QuickFix[] => []),
      ),
    );
    if (number !== this.findings || fixes.every(({ length }) => length === 0)) return;
    view.dispatch(setDiagnostics(view.state, this.diagnostics(findings, fixes)));
  }

  /** Goes to a place. */
  show({ start, end }: Place, focus: boolean): void {
    const { length } = this.view.state.doc;
    const [anchor, head] = [Math.min(start, length), Math.min(end, length)];
    this.view.dispatch({
      selection: { anchor, head },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    if (focus) this.view.focus();
  }

  private stateOf(doc: string): EditorState {
    return EditorState.create({ doc, extensions: this.extensions });
  }

  private diagnostics(
    findings: readonly Finding[],
    fixes: readonly (readonly QuickFix[])[],
  ): Diagnostic[] {
    const { length } = this.view.state.doc;
    return findings.map((finding, at): Diagnostic => ({
      from: Math.min(finding.start, length),
      to: Math.min(Math.max(finding.end, finding.start), length),
      severity: finding.severity === "note" ? "info" : finding.severity,
      message: finding.message,
      renderMessage: () => messageElement(finding),
      actions: (fixes[at] ?? []).map((fix): Action => ({
        name: fix.title,
        apply: () => {
          this.options.apply(fix);
        },
      })),
    }));
  }
}

/** For so many findings the ways to settle them are asked for: with more, they are mended first. */
const fixedMax = 100;

function extensionsOf(options: EditorOptions): Extension {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentUnit.of("  "),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ override: [completionsOf(options)], icons: true }),
    highlightActiveLine(),
    highlightSelectionMatches(),
    lintGutter(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({
      "aria-label": "Program text",
      spellcheck: "false",
      tabindex: "0",
    }),
    EditorState.languageData.of(() => [
      {
        commentTokens: { line: "//", block: { open: "/*", close: "*/" } },
        closeBrackets: { brackets: ["(", "[", "{", '"'] },
      },
    ]),
    keymap.of([
      ...closeBracketsKeymap,
      { key: "Tab", run: acceptCompletion },
      { key: "Mod-/", run: toggleComment },
      { key: "F12", run: definitionOf(options) },
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    hoverTooltip((_, offset) => hovered(options, offset)),
    coloring(options.tokens),
    EditorView.updateListener.of(({ docChanged, state, transactions }) => {
      const told = transactions.some((of) => of.docChanged && of.annotation(fromOutside) !== true);
      if (docChanged && told) options.changed(state.doc.toString());
    }),
  ];
}

function completionsOf({ complete }: EditorOptions) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const before = context.matchBefore(/[\w?.@$-]*/);
    const word = context.matchBefore(/[\w?]*/);
    const typed = context.state.sliceDoc(context.pos - 1, context.pos);
    const signs = [".", "$", "@", ":"];
    if (!context.explicit && (before?.text ?? "") === "" && !signs.includes(typed)) return null;
    const sign = signs.includes(typed) ? typed : undefined;
    const proposals = await complete(context.pos, context.explicit ? undefined : sign);
    if (proposals.length === 0) return null;
    return {
      from: word?.from ?? context.pos,
      options: proposals.map(completionOf),
      validFor: /^[\w?]*$/,
    };
  };
}

function completionOf({ label, kind, detail, documentation, insert, rank }: Proposal): Completion {
  const completion: Completion = {
    label,
    type: kind,
    ...(detail !== undefined && { detail }),
    ...(rank !== undefined && { boost: rank.startsWith("0") ? 1 : 0 }),
    ...(documentation !== undefined &&
      documentation !== "" && { info: () => markdownElement(documentation) }),
  };
  if (insert === undefined) return completion;
  // `$1` of the protocol is `${1}` of the editor.
  return snippetCompletion(
    insert.replace(/\$(\d)/g, "${$1}").replaceAll(/\$\{(\d):/g, "${$1:"),
    completion,
  );
}

async function hovered({ hover }: EditorOptions, offset: number): Promise<Tooltip | null> {
  const said = await hover(offset).catch(() => undefined);
  if (said === undefined) return null;
  return {
    pos: said.start,
    end: said.end,
    above: true,
    create: () => {
      const dom = markdownElement(said.markdown);
      dom.className = "hover";
      return { dom };
    },
  };
}

function definitionOf({ definition, show }: EditorOptions) {
  return (view: EditorView): boolean => {
    void definition(view.state.selection.main.head).then((place) => {
      if (place !== undefined) show(place);
    });
    return true;
  };
}

function messageElement({ message, label, hint, notes, code }: Finding): HTMLElement {
  const element = document.createElement("div");
  const line = (className: string, text: string): void => {
    const part = document.createElement("div");
    part.className = className;
    part.textContent = text;
    element.append(part);
  };
  line("finding-message", label === undefined ? message : `${message}: ${label}`);
  for (const note of notes) line("finding-note", note);
  if (hint !== undefined) line("finding-hint", hint);
  line("finding-code", code);
  return element;
}
