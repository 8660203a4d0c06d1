import type { Outline } from "../provenance/outline.ts";
import { type Fold, outlineText, type Paint } from "../provenance/outline-text.ts";

/** Returns the proofs of what a goal asks for, so many steps high. */
export type Prove = (goal: string, depth: number) => Promise<readonly Outline[]>;

/** So many steps are shown at first, unless it is said. */
export const shownDepth = 3;

/** So many steps are worked out at a time. */
export const provenDepth = 15;

/** Proofs of which parts are shown. Lines that rest on others have numbers, which stay. */
export class ProofView {
  private readonly proofs: readonly Outline[];
  private readonly prove: Prove;
  private readonly open = new Set<Outline>();
  private readonly numbers = new Map<Outline, number>();
  /** What was worked out of proofs that were cut. */
  private readonly further = new Map<Outline, Outline>();

  /** Opens lines so many steps deep. */
  constructor(proofs: readonly Outline[], depth: number, prove: Prove) {
    this.proofs = proofs;
    this.prove = prove;
    this.openAll(proofs, depth);
  }

  /** Whether a line has this number. */
  has(number: number): boolean {
    return this.lineOf(number) !== undefined;
  }

  /** Shows what a line rests on, `depth` steps down. */
  async expand(number: number, depth: number): Promise<void> {
    const line = this.lineOf(number);
    if (line === undefined) return;
    if (line.cut === true && !this.further.has(line)) {
      const [proof] = await this.prove(line.text, provenDepth);
      if (proof !== undefined) this.further.set(line, proof);
    }
    this.openAll([line], depth);
  }

  /** Hides what a line rests on. */
  collapse(number: number): void {
    const line = this.lineOf(number);
    if (line !== undefined) this.open.delete(line);
  }

  /** The proofs as they are shown. */
  text(paint: Paint): string {
    const fold: Fold = {
      parts: (of) => (this.open.has(of) ? this.partsOf(of) : []),
      mark: (of) => {
        if (of.cut !== true && of.parts.length === 0) return "";
        const number = this.numbers.get(of) ?? this.numbers.size + 1;
        this.numbers.set(of, number);
        return `[${this.open.has(of) ? "-" : "+"}${number}]`;
      },
    };
    return this.proofs.map((proof) => outlineText(proof, paint, fold)).join("\n");
  }

  private partsOf(of: Outline): readonly Outline[] {
    return this.further.get(of)?.parts ?? of.parts;
  }

  private openAll(lines: readonly Outline[], depth: number): void {
    let level = lines;
    for (let left = depth; left > 0 && level.length > 0; left--) {
      for (const line of level) if (this.partsOf(line).length > 0) this.open.add(line);
      level = [...new Set(level.flatMap((line) => this.partsOf(line)))];
    }
  }

  private lineOf(number: number): Outline | undefined {
    for (const [line, own] of this.numbers) if (own === number) return line;
    return undefined;
  }
}
