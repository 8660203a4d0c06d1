/** What was sent in an order, by numbers, and has not arrived as far as is known. */
export class OnTheWay {
  private readonly sent: { readonly last: number; readonly weight: number }[] = [];
  private weighs = 0;

  /** What it weighs, about in bytes. */
  get bytes(): number {
    return this.weighs;
  }

  /** What ends with a number is sent, after all before. */
  add(last: number, weight: number): void {
    this.sent.push({ last, weight });
    this.weighs += weight;
  }

  /** All up to a number has arrived. */
  arrived(number: number): void {
    let count = 0;
    for (const { last, weight } of this.sent) {
      if (last > number) break;
      this.weighs -= weight;
      count++;
    }
    this.sent.splice(0, count);
  }

  /** Nothing is on its way any more. */
  clear(): void {
    this.sent.length = 0;
    this.weighs = 0;
  }
}
