/** Returns the sum of `numbers`, which it sorts: added from the least on, each step rounded by
 * `round`, so that a sum is a function of what is summed and not of its order. */
export function sumInOrder(numbers: Float64Array, round: (value: number) => number): number {
  numbers.sort();
  let sum = 0;
  for (const value of numbers) sum = round(sum + value);
  return sum;
}
