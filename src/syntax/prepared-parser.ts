// Chevrotain finds out what may begin each alternative of a grammar when a parser is made: it runs
// all rules to record them and computes the lookahead of each choice, which takes longer than
// reading a program does. The answers only change with the grammar, so they are a table here
// (`lookahead.ts`), which a test holds against Chevrotain's own analysis. The methods that are
// replaced are internal to Chevrotain, whose version is therefore fixed.
import {
  EarlyExitException,
  EmbeddedActionsParser,
  type IOrAlt,
  type IParserConfig,
  type IParserErrorMessageProvider,
  NoViableAltException,
  type TokenType,
} from "chevrotain";

import { lookahead } from "./lookahead.ts";

/** Decides at a choice, as the parser's method: which alternative goes on, if any does, or whether
 * an optional part begins. */
type Decision = (
  this: PreparedParser,
  alternatives?: readonly IOrAlt<unknown>[],
) => number | boolean | undefined;

/** The methods of Chevrotain's at which a parser chooses, by their number in its keys. */
const choiceMethods = [
  ...["", "OR", "OPTION", "MANY", "AT_LEAST_ONE", "MANY_SEP", "AT_LEAST_ONE_SEP"],
] as const;

/** A parser whose lookahead is known. The grammar needs no more than one token of it. */
export abstract class PreparedParser extends EmbeddedActionsParser {
  declare private readonly shortRuleNameToFull: Readonly<Record<number, string>>;
  declare private readonly errorMessageProvider: IParserErrorMessageProvider;
  declare private readonly SAVE_ERROR: (error: Error) => Error;
  declare private selfAnalysisDone: boolean;
  private readonly decisions = new Map<number, Decision>();
  private readonly typesByName: ReadonlyMap<string, TokenType>;

  constructor(vocabulary: TokenType[], config: IParserConfig) {
    super(vocabulary, config);
    this.typesByName = new Map(vocabulary.map((type) => [type.name, type]));
  }

  /** Ends the definition of rules. */
  protected prepared(): void {
    this.selfAnalysisDone = true;
  }

  /** Returns how to choose at a place of the grammar: Chevrotain asks at each. */
  getLaFuncFromCache(key: number): Decision {
    const known = this.decisions.get(key);
    if (known !== undefined) return known;
    const decision = this.decision(key);
    this.decisions.set(key, decision);
    return decision;
  }

  private decision(key: number): Decision {
    const place = placeOf(key, this.shortRuleNameToFull);
    const starts = lookahead(place).map((names) => this.typesIn(names));
    if (!place.includes(" OR")) {
      const [start = new Set()] = starts;
      return function begins() {
        return start.has(this.LA(1).tokenTypeIdx);
      };
    }
    return function alternative(alternatives = []) {
      const next = this.LA(1).tokenTypeIdx;
      const at = starts.findIndex(
        (start, index) => start.has(next) && alternatives[index]?.GATE?.call(this) !== false,
      );
      return at < 0 ? undefined : at;
    };
  }

  /** The numbers of the token types that are named, and of those that belong to them. */
  private typesIn(names: readonly string[]): ReadonlySet<number> {
    const types = names.flatMap((name) => this.typesByName.get(name) ?? []);
    return new Set(
      types.flatMap(({ tokenTypeIdx, categoryMatches }) => [
        ...(tokenTypeIdx === undefined ? [] : [tokenTypeIdx]),
        ...(categoryMatches ?? []),
      ]),
    );
  }

  /** Refuses a token that begins no alternative. Chevrotain would list what all begin with. */
  raiseNoAltException(_occurrence: number, customUserDescription: string): never {
    const message = this.errorMessageProvider.buildNoViableAltMessage({
      ...{ expectedPathsPerAlt: [], actual: [], previous: this.LA(0), ruleName: "" },
      customUserDescription,
    });
    throw this.SAVE_ERROR(new NoViableAltException(message, this.LA(1), this.LA(0)));
  }

  /** Refuses a token that does not begin the first of what there must be one of. */
  raiseEarlyExitException(
    _occurrence: number,
    _kind: unknown,
    customUserDescription: string,
  ): never {
    const message = this.errorMessageProvider.buildEarlyExitMessage({
      ...{ expectedIterationPaths: [], actual: [], previous: this.LA(0), ruleName: "" },
      customUserDescription,
    });
    throw this.SAVE_ERROR(new EarlyExitException(message, this.LA(1), this.LA(0)));
  }
}

/** The place of the grammar that a key of Chevrotain's says: its rule, the method at which it
 * chooses, and which of the rule's calls of that. */
export function placeOf(key: number, rules: Readonly<Record<number, string>>): string {
  const [rule, method, occurrence] = [key & ~0xfff, (key >> 8) & 15, key & 255];
  return `${rules[rule] ?? ""} ${choiceMethods[method] ?? ""}${occurrence}`;
}
