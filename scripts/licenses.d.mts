export function writeLicenses(bundle: string, files: readonly string[]): void;
