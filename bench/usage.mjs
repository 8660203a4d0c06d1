// Preloaded into a measured process: writes what it used to descriptor 3 when it ends.
import { writeSync } from "node:fs";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { wallMs: performance.now(), cpuMs: (userCPUTime + systemCPUTime) / 1000 };
  writeSync(3, JSON.stringify({ ...usage, peakMiB: maxRSS / 1024 }));
});
