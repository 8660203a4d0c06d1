import type { LiveWords } from "../value/live-words.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";

/** The constants that code has as words. They are live as long as the code may run. */
export class Constants {
  private readonly values: Values;
  private readonly words = new Map<ValueKind, Set<Word>>();

  constructor(values: Values) {
    this.values = values;
  }

  /** The word of a constant, which code holds from now on. */
  word(kind: ValueKind, value: Value): Word {
    const word = this.values.encode(kind, value);
    const known = this.words.get(kind);
    if (known === undefined) this.words.set(kind, new Set([word]));
    else known.add(word);
    return word;
  }

  /** Shows the words that code holds. */
  show(live: LiveWords): void {
    for (const [kind, words] of this.words) for (const word of words) live.add(kind, word);
  }
}
