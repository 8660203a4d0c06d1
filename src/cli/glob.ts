/** Returns whether `path` (with forward slashes) matches one of `patterns`. In a pattern, `*` and
 * `?` stand for parts of a name, `**` for any number of folders, `{a,b}` for either. A pattern
 * that names a folder matches all in it; one without a slash matches at any depth. */
export function matchesAny(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expressionOf(pattern).test(path));
}

function expressionOf(pattern: string): RegExp {
  const trimmed = pattern.replace(/^\.\//, "").replace(/\/$/, "");
  if (trimmed === ".") return /^/;
  const anchored = trimmed.includes("/") ? trimmed.replace(/^\//, "") : `**/${trimmed}`;
  return new RegExp(`^${sourceOf(anchored)}(?:/.*)?$`);
}

function sourceOf(pattern: string): string {
  return pattern.replace(/\*\*\/|\*\*|[*?]|\{[^{}]*\}|[.+^$()|[\]\\{}]/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.length === 1) return `\\${part}`;
    return `(?:${part.slice(1, -1).split(",").map(sourceOf).join("|")})`;
  });
}
