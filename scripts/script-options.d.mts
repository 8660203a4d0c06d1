import type { parseArgs, ParseArgsConfig } from "node:util";

export function scriptOptions<const T extends ParseArgsConfig>(
  config: T,
  help?: string,
): ReturnType<typeof parseArgs<T>>;

export function whole(name: string, text: string): number;

export function wrongOption(message: string): never;
