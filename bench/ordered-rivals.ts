// Calvin's microbenchmark on SQLite and on PostgreSQL, started here. SQLite: one process that
// prepares its statements, WAL, `synchronous=FULL`, and commits together what came in 10 ms.
// PostgreSQL: SERIALIZABLE, one call of a function for each transaction, its own `pgbench` as the
// clients, which try again what could not be serialised.
import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { random } from "../src/base/random.ts";

/** What a rival is asked for. */
export type RivalJob = {
  readonly contention: number;
  readonly records: number;
  readonly seconds: number;
};

/** What a rival did. */
export type RivalResult = {
  readonly perSecond: number;
  /** Transactions for each second of the processor, where that is known. */
  readonly perCpuSecond?: number;
  /** How many transactions had to be tried again, for each that was done. */
  readonly retries: number;
};

/** A database that was started. */
export type Rival = {
  readonly name: string;
  readonly version: string;
  readonly run: (job: RivalJob) => RivalResult;
  readonly stop: () => void;
};

/** As much of `better-sqlite3` as is used; Node's own SQLite has the same. */
type Sqlite = {
  exec(sql: string): void;
  prepare(sql: string): {
    get(...values: readonly unknown[]): unknown;
    run(...values: readonly unknown[]): unknown;
  };
  close(): void;
};

const groupMs = 10;

/** Returns SQLite where there is a binding of it: `better-sqlite3` (`CALM_BENCH_SQLITE` is the
 * folder of its package where it is not installed here), or Node's own. */
export function sqlite(folder: string, records: number): Rival | undefined {
  const open = sqliteBinding();
  if (open === undefined) return undefined;
  const database = open(join(folder, "micro.sqlite"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec("CREATE TABLE record (k INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
  database.exec("BEGIN");
  const insert = database.prepare("INSERT INTO record VALUES (?, 0)");
  for (let key = 1; key <= records; key++) insert.run(key);
  database.exec("COMMIT");
  const read = database.prepare("SELECT n FROM record WHERE k = ?");
  const write = database.prepare("UPDATE record SET n = n + 1 WHERE k = ?");
  const [begin, commit] = [database.prepare("BEGIN"), database.prepare("COMMIT")];
  const row = database.prepare("SELECT sqlite_version() AS version").get() as { version: string };
  return {
    ...{ name: "SQLite", version: row.version },
    run: ({ contention, seconds }) => {
      const chance = random(23);
      const hot = Math.max(1, Math.round(1 / contention));
      let [done, aborted] = [0, 0];
      const [startMs, cpu] = [performance.now(), process.cpuUsage()];
      const endMs = startMs + seconds * 1000;
      for (let nowMs = startMs; nowMs < endMs; nowMs = performance.now()) {
        begin.run();
        while (performance.now() < nowMs + groupMs) {
          const keys = [1 + chance.below(hot)];
          while (keys.length < 10) keys.push(hot + 1 + chance.below(records - hot));
          const full = keys.some((key) => (read.get(key) as { n: number }).n >= 1_000_000_000);
          if (full) aborted++;
          else for (const key of keys) write.run(key);
          done++;
        }
        commit.run();
      }
      if (aborted > 0) throw new Error("no record is full");
      const { user, system } = process.cpuUsage(cpu);
      const perCpuSecond = done / ((user + system) / 1e6);
      return { perSecond: done / ((performance.now() - startMs) / 1000), perCpuSecond, retries: 0 };
    },
    stop: () => {
      database.close();
    },
  };
}

/** Returns PostgreSQL where Debian's package is installed: one server under several numbers of
 * clients. */
export function postgres(records: number, counts: readonly number[]): Rival[] {
  const programs = "/usr/lib/postgresql";
  const newest = existsSync(programs)
    ? readdirSync(programs).toSorted((a, b) => Number(a) - Number(b))
    : [];
  const bin = join(programs, newest.at(-1) ?? "", "bin");
  if (!existsSync(join(bin, "initdb")) || !existsSync(join(bin, "pgbench"))) return [];
  // Its user has to get there: folders that others have made for themselves are in the way.
  const home = mkdtempSync(join(tmpdir(), "calm-bench-pg-"));
  const ran = (program: string, args: readonly string[]): string => ranAs(home, bin, program, args);
  const data = join(home, "data");
  ran("initdb", ["-D", data, "-U", "bench", "-A", "trust", "--no-sync"]);
  const options =
    `-k ${home} -c listen_addresses= -c default_transaction_isolation=serializable ` +
    "-c max_pred_locks_per_transaction=1024 -c shared_buffers=512MB -c checkpoint_timeout=1h";
  ran("pg_ctl", ["-D", data, "-w", "-l", join(home, "log"), "-o", options, "start"]);
  const to = ["-h", home, "-U", "bench"];
  const said = (sql: string): string => ran("psql", [...to, "-d", "postgres", "-Atc", sql]);
  said("CREATE TABLE record (k bigint PRIMARY KEY, n bigint NOT NULL)");
  said(`INSERT INTO record SELECT k, 0 FROM generate_series(1, ${records}) k`);
  said(touch);
  said("VACUUM ANALYZE record");
  const version = said("SHOW server_version");
  return counts.map((clients, at) => ({
    ...{ name: `PostgreSQL, ${clients} clients`, version },
    run: ({ contention, seconds }) => {
      const hot = Math.max(1, Math.round(1 / contention));
      const cold = Array.from({ length: 9 }, (_, at) => `c${at}`);
      const script = join(home, "touch.sql");
      const draws = cold.map((name) => `\\set ${name} random(${hot + 1}, ${records})`);
      const args = ["h", ...cold].map((name) => `:${name}`).join(", ");
      const lines = [
        `\\set h random(1, ${hot})`,
        ...draws,
        `SELECT touch(ARRAY[${args}]::bigint[]);`,
        "",
      ];
      writeFileSync(script, lines.join("\n"));
      const argv = [
        ...[...to, "-n", "-M", "prepared", "-f", script, "-T", String(Math.ceil(seconds))],
        ...["-c", String(clients), "-j", "1", "--max-tries", "0", "postgres"],
      ];
      const out = ran("pgbench", argv);
      const found = (pattern: RegExp): number => Number(pattern.exec(out)?.[1] ?? 0);
      const done = found(/transactions actually processed: (\d+)/);
      const retries = found(/total number of retries: (\d+)/) / Math.max(1, done);
      return { perSecond: found(/tps = ([\d.]+)/), retries };
    },
    stop: () => {
      if (at > 0) return;
      ran("pg_ctl", ["-D", data, "-m", "immediate", "stop"]);
      rmSync(home, { recursive: true, force: true });
    },
  }));
}

/** The transaction as one call: the best case, as there is one round trip. */
const touch = `CREATE FUNCTION touch(keys bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE key bigint; n_ bigint;
BEGIN
  FOREACH key IN ARRAY keys LOOP
    SELECT n INTO n_ FROM record WHERE k = key;
    IF n_ >= 1000000000 THEN RAISE EXCEPTION 'full'; END IF;
  END LOOP;
  FOREACH key IN ARRAY keys LOOP
    UPDATE record SET n = n + 1 WHERE k = key;
  END LOOP;
END $$`;

/** Runs a program of PostgreSQL, which refuses to be root: it is its own user then. */
function ranAs(home: string, bin: string, program: string, args: readonly string[]): string {
  const root = process.getuid?.() === 0;
  const id = (flag: string): number => Number(spawnSync("id", [flag, "postgres"]).stdout);
  const user = root ? { uid: id("-u"), gid: id("-g") } : {};
  if (user.uid !== undefined) chownSync(home, user.uid, user.gid);
  // What starts the server leaves it our pipes: they would stay open.
  const stdio = program === "pg_ctl" ? ("ignore" as const) : ("pipe" as const);
  const options = { ...user, cwd: home, stdio };
  const done = spawnSync(join(bin, program), [...args], options);
  const [stdout, stderr] = [done.stdout, done.stderr].map(
    (of: Buffer | null) => of?.toString() ?? "",
  );
  if (done.status === 0) return stdout?.trim() ?? "";
  throw new Error(`${program} failed (${String(done.status)}): ${stderr}`);
}

function sqliteBinding(): ((file: string) => Sqlite) | undefined {
  const from = createRequire(import.meta.url);
  const tries: [string, string | undefined][] = [
    [process.env["CALM_BENCH_SQLITE"] ?? "better-sqlite3", undefined],
    ["node:sqlite", "DatabaseSync"],
  ];
  for (const [name, member] of tries) {
    try {
      const found: unknown = from(name);
      const Made = (
        member === undefined ? found : (found as Record<string, unknown>)[member]
      ) as new (file: string) => Sqlite;
      return (file) => new Made(file);
    } catch {
      // It is not installed.
    }
  }
  return undefined;
}
