// What a thread of `calm run --jobs` runs.
import { workerData } from "node:worker_threads";
import { work } from "../engine/worker.ts";
import type { ThreadTask } from "./threads.ts";
import { workAhead } from "./work-ahead.ts";

const given = workerData as ThreadTask;
if (given.kind === "rules") work(given.memory, given.address);
else workAhead(given.task);
