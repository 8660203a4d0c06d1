/** Returns where an included file may be, in the order of looking: beside the including file (where
 * that is given), then in the folders; an absolute path is where it says. */
export function candidates(
  name: string,
  including: string | undefined,
  directories: readonly string[],
): string[] {
  if (/^(?:[/\\]|[A-Za-z]:[/\\])/.test(name)) return [name];
  const beside = including === undefined ? [] : [folderOf(including)];
  return [...new Set([...beside, ...directories].map((folder) => joined(folder, name)))];
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Joins and leaves out `.` and `x/..`, so that one file has one path. */
function joined(folder: string, name: string): string {
  const whole = folder === "" || /[/\\]$/.test(folder) ? folder + name : `${folder}/${name}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    const last = parts.at(-1);
    if (part === "." && whole !== ".") continue;
    if (part === ".." && last !== undefined && last !== "" && last !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
