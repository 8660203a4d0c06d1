// What a reader costs that makes a string of every value: read, split lines, split columns, turn
// digits into numbers and number the other strings by a Map. It does not look for duplicates.
import { readFileSync } from "node:fs";

const numbers = new Map();
let sum = 0;
for (const line of readFileSync(process.argv[2], "latin1").split("\n")) {
  for (const value of line.split("\t")) {
    const number = Number(value);
    if (!Number.isNaN(number)) sum += number;
    else if (numbers.has(value)) sum += numbers.get(value);
    else numbers.set(value, numbers.size);
  }
}
console.error(sum);
