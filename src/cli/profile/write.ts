import { renameSync, rmSync, writeFileSync } from "node:fs";
import { CommandError, exitCodes } from "../exit.ts";
import type { Profile } from "./profile.ts";

/** Writes a profile as JSON, aside and renamed when it is complete. */
export function writeProfile(path: string, profile: Profile): void {
  const aside = `${path}.part`;
  try {
    writeFileSync(aside, `${JSON.stringify(profile, null, 2)}\n`);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(exitCodes.problem, `cannot write the profile: ${message}`);
  }
}
