// What a thread of `calm run --jobs` runs: it is given the memory of an evaluation.
import { workerData } from "node:worker_threads";
import type { SharedMemory } from "../engine/heap.ts";
import { work } from "../engine/worker.ts";

const { memory, address } = workerData as { memory: SharedMemory; address: number };
work(memory, address);
