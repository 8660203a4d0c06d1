// A process that appends to a log until it is killed: `node --import tsx appending.ts FOLDER`. It
// writes a line with the number of records that it was told are durable.
import { batchOf, edge, openWatched } from "./logs.ts";

const folder = process.argv[2] ?? "";
const { log } = await openWatched(folder, {
  limits: { segmentBytes: 2048, compactionBytesMin: 4096, compactionFactor: 1 },
  onFlushed: (count) => {
    process.stdout.write(`${count}\n`);
    append(count + 3);
  },
});
let appended = 0;

function append(upTo: number): void {
  while (appended < upTo) {
    appended++;
    log.append([batchOf("n/1", appended, [edge(appended, 1)])]);
  }
}

process.stdout.write("0\n");
append(3);
