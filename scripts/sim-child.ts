// A process of `npm run sim`: runs the seeds that it is sent, one after the other.
import { seedOutcome, type SeedOptions } from "./sim-seed.ts";

const options = JSON.parse(process.argv[2] ?? "") as SeedOptions;

process.on("message", (seed: number) => {
  process.send?.(seedOutcome(seed, options));
});
