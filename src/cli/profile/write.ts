import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { Evaluation } from "../../engine/statistics.ts";
import { CommandError, exitCodes } from "../exit.ts";
import { profilePage, type Sources } from "./page.ts";
import type { Profile } from "./profile.ts";

/** Writes a profile, aside and renamed when it is complete: as a page where the name of the file
 * ends in `.html`, otherwise as JSON. */
export function writeProfile(path: string, profile: Profile, sources: Sources): void {
  const text = /\.html?$/i.test(path)
    ? profilePage(profile, sources)
    : `${JSON.stringify(profile, null, 2)}\n`;
  const aside = `${path}.part`;
  try {
    writeFileSync(aside, text);
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(exitCodes.problem, `cannot write the profile: ${message}`);
  }
}

/** The texts that the rules that ran stand in. */
export function sourcesOf({ rules }: Evaluation): Sources {
  return new Map(rules.map(({ rule: { span } }) => [span.source.path, span.source.text]));
}
