// The parser's layer of clauses: facts, rules, subsumption, and the clauses of seals and
// transactions.
import { annotated, AnnotationParser } from "./annotation-parser.ts";
import type { Rule } from "./term-parser.ts";
import {
  At,
  Colon,
  Comma,
  Dot,
  If,
  Integer,
  Later,
  LeftBrace,
  LeftParen,
  LessEqual,
  Minus,
  Next,
  Plan,
  Plus,
  RightBrace,
  RightParen,
  Seal,
  Transaction,
} from "./tokens.ts";
import type {
  AtomNode,
  BodyNode,
  ClauseNode,
  ClauseOperator,
  HeadNode,
  PlanNode,
  SealNode,
  SubsumptionNode,
  TermNode,
  TransactionNode,
} from "./tree.ts";

/** Reads clauses. */
export abstract class ClauseParser extends AnnotationParser {
  /** Subsumption has no place in a transaction. */
  private inTransaction = false;

  // clause: head "." | heads (":-" | ":+" | ":~") inner body "." plan?
  //       | atom "<=" atom ":-" inner body "." plan?
  // heads: head ("," annotations head)*
  protected readonly clause: Rule<ClauseNode | SubsumptionNode> = this.RULE(
    "clause",
    (): ClauseNode | SubsumptionNode => {
      const start = this.here();
      const heads = [this.SUBRULE(this.head)];
      this.MANY(() => {
        this.CONSUME(Comma);
        const annotations = this.SUBRULE(this.annotations);
        const head = this.SUBRULE1(this.head);
        this.ACTION(() => heads.push(annotated(annotations, head)));
      });
      return this.OR<ClauseNode | SubsumptionNode>({
        DEF: [
          {
            GATE: () => heads.length === 1,
            ALT: (): ClauseNode => {
              this.CONSUME(Dot);
              const span = this.since(start);
              return { kind: "clause", heads, operator: ":-", annotations: [], span };
            },
          },
          {
            GATE: () => !this.inTransaction && plain(heads) !== undefined,
            ALT: (): SubsumptionNode => {
              this.CONSUME(LessEqual);
              const dominating = this.SUBRULE(this.atom);
              this.CONSUME(If);
              const annotations = this.SUBRULE(this.innerAnnotations);
              const { body, plan } = this.SUBRULE(this.ruleBody);
              const dominated = plain(heads) ?? dominating;
              const span = this.since(start);
              const node = { kind: "subsumption", dominated, dominating, body, span } as const;
              return this.ACTION(() =>
                annotated(annotations, plan === undefined ? node : { ...node, plan }),
              );
            },
          },
          {
            ALT: (): ClauseNode => {
              const operator = this.SUBRULE(this.clauseOperator);
              const annotations = this.SUBRULE1(this.innerAnnotations);
              const { body, plan } = this.SUBRULE1(this.ruleBody);
              const span = this.since(start);
              const node = { kind: "clause", heads, operator, body, annotations, span } as const;
              return plan === undefined ? node : { ...node, plan };
            },
          },
        ],
        ERR_MSG: heads.length === 1 ? '":-" or "."' : '":-", as a fact has one head',
      });
    },
  );

  // clauseOperator: ":-" | ":+" | ":~"
  private readonly clauseOperator: Rule<ClauseOperator> = this.RULE(
    "clauseOperator",
    (): ClauseOperator => {
      const token = this.OR([
        { ALT: () => this.CONSUME(If) },
        { ALT: () => this.CONSUME(Next) },
        { ALT: () => this.CONSUME(Later) },
      ]);
      return token.image as ClauseOperator;
    },
  );

  // ruleBody: body "." plan?
  private readonly ruleBody: Rule<{ body: BodyNode; plan?: PlanNode }> = this.RULE(
    "ruleBody",
    (): { body: BodyNode; plan?: PlanNode } => {
      const body = this.SUBRULE(this.body);
      this.end(0);
      const plan = this.OPTION(() => this.SUBRULE(this.plan));
      return plan === undefined ? { body } : { body, plan };
    },
  );

  // head: ("+" | "-")? atom ("@" term)?
  private readonly head: Rule<HeadNode> = this.RULE("head", (): HeadNode => {
    const start = this.here();
    const sign = this.OPTION(() =>
      this.OR([{ ALT: () => this.CONSUME(Plus) }, { ALT: () => this.CONSUME(Minus) }]),
    );
    const atom = this.SUBRULE(this.atom);
    const location: TermNode | undefined = this.OPTION1(() => {
      this.CONSUME(At);
      return this.SUBRULE(this.term);
    });
    return {
      atom,
      ...(sign === undefined ? {} : { sign: sign.image as "+" | "-" }),
      ...(location === undefined ? {} : { location }),
      span: this.since(start),
    };
  });

  // plan: ".plan" version ("," version)*
  // version: INTEGER ":" "(" [INTEGER ("," INTEGER)*] ")"
  private readonly plan: Rule<PlanNode> = this.RULE("plan", (): PlanNode => {
    const start = this.CONSUME(Plan).startOffset;
    const versions: PlanNode["versions"][number][] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => versions.push(this.SUBRULE(this.version)) });
    return { versions, span: this.since(start) };
  });

  private readonly version: Rule<PlanNode["versions"][number]> = this.RULE(
    "version",
    (): PlanNode["versions"][number] => {
      const first = this.CONSUME(Integer);
      const order: number[] = [];
      this.CONSUME(Colon);
      this.CONSUME(LeftParen);
      this.MANY_SEP({ SEP: Comma, DEF: () => order.push(Number(this.CONSUME1(Integer).image)) });
      this.close(0, RightParen);
      return { version: Number(first.image), order, span: this.since(first.startOffset) };
    },
  );

  // seal: ".seal" atom (":-" body)? "."
  protected readonly seal: Rule<SealNode> = this.RULE("seal", (): SealNode => {
    const start = this.CONSUME(Seal).startOffset;
    const atom = this.SUBRULE(this.atom);
    const body = this.OPTION(() => {
      this.CONSUME(If);
      return this.SUBRULE(this.body);
    });
    this.end(0);
    const node = { kind: "seal", atom, span: this.since(start) } as const;
    return body === undefined ? node : { ...node, body };
  });

  // transaction: ".transaction" name attributes "{" (annotations clause)* "}"
  protected readonly transaction: Rule<TransactionNode> = this.RULE(
    "transaction",
    (): TransactionNode => {
      const start = this.CONSUME(Transaction).startOffset;
      const name = this.SUBRULE(this.name);
      const parameters = this.SUBRULE(this.attributes);
      const clauses: ClauseNode[] = [];
      this.CONSUME(LeftBrace);
      this.inTransaction = true;
      this.recovering(true, () => {
        const annotations = this.SUBRULE1(this.annotations);
        const clause = this.SUBRULE(this.clause);
        if (clause.kind === "clause") clauses.push(annotated(annotations, clause));
      });
      this.dangleComments("at the end of a transaction");
      this.inTransaction = false;
      this.close(0, RightBrace);
      return { kind: "transaction", name, parameters, clauses, span: this.since(start) };
    },
  );
}

/** Returns the only head's atom where a head is nothing else. */
function plain(heads: readonly HeadNode[]): AtomNode | undefined {
  const [head, ...others] = heads;
  const simple = head?.sign === undefined && head?.location === undefined && others.length === 0;
  return simple ? head?.atom : undefined;
}
