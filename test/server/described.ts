// What descriptions of interfaces have in common: they are files of the manual, and whole.
import { readFileSync, writeFileSync } from "node:fs";

import { expect } from "chai";
import { format, resolveConfig } from "prettier";

/** A description, as far as it is looked into. */
type Description = {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
};

/** Returns the path of a description in the manual. */
export function describedAt(name: string): string {
  return new URL(`../../docs/${name}`, import.meta.url).pathname;
}

/** Expects a file to hold a description; writes it where it is to be rewritten. */
export async function expectDescribed(path: string, description: unknown): Promise<void> {
  const options = await resolveConfig(path);
  const text = await format(JSON.stringify(description), { ...options, parser: "json" });
  if (process.env["UPDATE"] === "1") writeFileSync(path, text);
  expect(text).to.equal(readFileSync(path, "utf8"));
}

/** Expects what a file refers to to be there, its operations to have names of their own, and these
 * paths to be among its paths. */
export function expectWhole(path: string, paths: readonly string[]): Description {
  const text = readFileSync(path, "utf8");
  const description = JSON.parse(text) as Description;
  const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(Object.keys(description.components.schemas)).to.include.members(named);
  const ids = [...text.matchAll(/"operationId": "([^"]+)"/g)].map(([, id]) => id);
  const operations = Object.values(description.paths).flatMap((of) => Object.keys(of));
  expect(new Set(ids).size).to.equal(operations.length);
  expect(Object.keys(description.paths)).to.include.members([...paths]);
  return description;
}
