import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import type { OrderedLog } from "../../src/calvin/ordered-log.ts";
import type { FileLog } from "../../src/runtime/node/ordered-log-file.ts";
import { openFileLog } from "../../src/runtime/node/open-file-log.ts";
import { openEtcdLog } from "../../src/runtime/node/ordered-log-etcd.ts";
import { openHttpLog } from "../../src/runtime/node/ordered-log-http.ts";
import { hashOf } from "../support/epochs.ts";
import { EtcdCluster, etcdMissing } from "../support/etcd-cluster.ts";
import { LogServer } from "../support/log-server.ts";
import { keepsTheContract, type LogUnderTest } from "../support/ordered-logs.ts";
import { SimulatedLog, SimulatedLogState } from "../support/simulated-log.ts";

describe("an ordered log", () => {
  describe("in files", () => keepsTheContract(inFiles({})));

  describe("in small files, of which little is remembered", () =>
    keepsTheContract(inFiles({ segmentBytes: 700, recentRecords: 2 })));

  describe("that another node keeps in files", () => keepsTheContract(atAnotherNode()));

  describe("that is simulated, with appends of which nobody knows", () =>
    keepsTheContract(simulated()));

  describe("in etcd", function () {
    this.timeout(180_000);
    let cluster: EtcdCluster | undefined;

    before(async function () {
      if (etcdMissing()) this.skip();
      cluster = await EtcdCluster.start(1);
    });

    after(async () => {
      await cluster?.stop();
    });

    keepsTheContract(inEtcd(() => cluster?.endpoints ?? []));
  });
});

function inFiles(limits: { segmentBytes?: number; recentRecords?: number }): LogUnderTest {
  let folder: string | undefined;
  let opened: FileLog[] = [];
  return {
    shared: false,
    async open() {
      folder ??= await fs.mkdtemp(join(tmpdir(), "calm-ordered-"));
      const log = await openFileLog(folder, { program: "p1", limits });
      opened.push(log);
      return log;
    },
    async reset() {
      for (const log of opened) await log.close();
      opened = [];
      if (folder !== undefined) await fs.rm(folder, { recursive: true });
      folder = undefined;
    },
  };
}

function atAnotherNode(): LogUnderTest {
  let folder: string | undefined;
  let server: LogServer | undefined;
  let opened: OrderedLog[] = [];
  return {
    shared: true,
    async open() {
      folder ??= await fs.mkdtemp(join(tmpdir(), "calm-ordered-"));
      // An answer takes few records: reads go on where one ends.
      server ??= await LogServer.start(folder, { limits: { answerBytesMax: 2_000 } });
      const log = await openHttpLog({ urls: [server.url], program: "p1", hash: hashOf });
      opened.push(log);
      return log;
    },
    async reset() {
      for (const log of opened) await log.close();
      opened = [];
      await server?.stop();
      expect(server?.faults).to.deep.equal([]);
      server = undefined;
      if (folder !== undefined) await fs.rm(folder, { recursive: true });
      folder = undefined;
    },
  };
}

function inEtcd(endpoints: () => readonly string[]): LogUnderTest {
  let number = 1;
  let opened: OrderedLog[] = [];
  return {
    shared: true,
    async open() {
      const prefix = `test ${number}`;
      const options = { endpoints: endpoints(), prefix, program: "p1", hash: hashOf };
      const log = await openEtcdLog(options);
      opened.push(log);
      return log;
    },
    async reset() {
      for (const log of opened) await log.close();
      opened = [];
      number++;
    },
  };
}

function simulated(): LogUnderTest {
  let seed = 1;
  let state = new SimulatedLogState(seed, hashOf);
  return {
    shared: true,
    open: () => Promise.resolve(new SimulatedLog(state)),
    reset() {
      state = new SimulatedLogState(++seed, hashOf);
      return Promise.resolve();
    },
  };
}
