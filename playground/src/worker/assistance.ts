// What the editor asks now and then of the program that was checked last: how a word goes on, what a
// name is, how a finding is settled, how a text is laid out.
import { completions } from "../../../src/lsp/completion.ts";
import { hover } from "../../../src/lsp/hover.ts";
import { repairs } from "../../../src/lsp/repairs.ts";
import { declarationOf } from "../../../src/lsp/symbol.ts";
import { format } from "../../../src/syntax/format.ts";
import type { Answers } from "../answers.ts";
import type { Calls } from "../protocol.ts";
import { placeOf } from "./findings.ts";
import type { Language } from "./language.ts";
import { proposalOf } from "./proposals.ts";

/** Returns what can be asked about the program that `language` has checked last. */
export function assistanceCalls(language: Language): Answers {
  return {
    complete: ({
      file,
      offset,
      typed,
    }: Parameters<Calls["complete"]>[0]): ReturnType<Calls["complete"]> => {
      const of = language.last;
      if (of?.source.path !== file) return [];
      return completions(of, offset, typed).map(proposalOf);
    },
    hover: ({ file, offset }: Parameters<Calls["hover"]>[0]): ReturnType<Calls["hover"]> => {
      const said = language.last && hover(language.last, file, offset);
      return said && { ...placeOf(said.span), markdown: said.markdown };
    },
    definition: ({
      file,
      offset,
    }: Parameters<Calls["definition"]>[0]): ReturnType<Calls["definition"]> => {
      const occurrence = language.last?.index.at(file, offset);
      const declared = occurrence && declarationOf(occurrence.symbol);
      return declared && placeOf(declared);
    },
    fixes: (at: Parameters<Calls["fixes"]>[0]): ReturnType<Calls["fixes"]> => {
      const of = language.last;
      const finding = of?.diagnostics[at];
      if (of === undefined || finding === undefined) return [];
      return repairs(finding, of).map(({ title, edits, preferred = false }) => ({
        ...{ title, preferred },
        edits: edits.map(({ span, text }) => ({ ...placeOf(span), text })),
      }));
    },
    // A text that cannot be read has no layout.
    format: ({ name, text }: Parameters<Calls["format"]>[0]): ReturnType<Calls["format"]> =>
      format({ path: name, text }, { load: language.load }).text,
  };
}
