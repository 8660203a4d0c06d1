// Colours from the project's own lexer and names. They are computed in the worker, a moment after a
// change; until then they move with the text.
import { type Extension, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin } from "@codemirror/view";
import { type Token, tokenKinds } from "../protocol.ts";

/** New colours for a text. */
const colored = StateEffect.define<readonly Token[]>();

const marks = tokenKinds.flatMap((kind) => [
  Decoration.mark({ class: `tok-${kind}` }),
  Decoration.mark({ class: `tok-${kind} tok-defined` }),
]);

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, transaction) {
    let after = before.map(transaction.changes);
    for (const effect of transaction.effects)
      if (effect.is(colored)) after = decorated(effect.value);
    return after;
  },
  provide: (of) => EditorView.decorations.from(of),
});

function decorated(tokens: readonly Token[]): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  let last = 0;
  for (const [start, end, kind, defined] of tokens) {
    const mark = marks[2 * kind + (defined ? 1 : 0)];
    if (start < last || end <= start || mark === undefined) continue;
    builder.add(start, end, mark);
    last = end;
  }
  return builder.finish();
}

/** Asks for colours after each change; an answer about an earlier text is dropped. */
export function coloring(ask: (text: string) => Promise<readonly Token[]>): Extension {
  const plugin = ViewPlugin.define((view) => {
    let wanted = 0;
    const update = async (): Promise<void> => {
      const number = ++wanted;
      const { doc } = view.state;
      const tokens = await ask(doc.toString()).catch((): readonly Token[] => []);
      if (number === wanted && view.state.doc.eq(doc))
        view.dispatch({ effects: colored.of(tokens) });
    };
    void update();
    return {
      update: ({ docChanged, transactions }) => {
        const asked = transactions.some(({ effects }) => effects.some((of) => of.is(recolor)));
        if (docChanged || asked) void update();
      },
      destroy: () => {
        wanted++;
      },
    };
  });
  return [field, plugin];
}

/** Asks for colours once more: names are known now. */
export const recolor = StateEffect.define();
