// The shipped programs, as the menu groups them: in reading order. Their texts are loaded when they
// are chosen.
import type { Project } from "./protocol.ts";

/** One program of the menu. */
export type Example = {
  readonly id: string;
  readonly title: string;
  /** The files beside the program that it needs. */
  readonly files: readonly string[];
};

/** Programs that show one idea. */
export type ExampleGroup = { readonly title: string; readonly examples: readonly Example[] };

const example = (id: string, title: string, ...files: readonly string[]): Example => ({
  ...{ id, title, files },
});

const storeFacts = ["kv/put.facts", "kv/remove.facts", "kv/named.facts"];

/** What the menu shows. */
export const exampleGroups: readonly ExampleGroup[] = [
  {
    title: "Coordination",
    examples: [
      example("coordination/reach", "Who reaches whom: needs none", "link.facts"),
      example(
        "coordination/unreached",
        "Who is not reached: needs it",
        ...["reach.dl", "link.facts", "place.facts"],
      ),
      example("multicast", "Reliable multicast: messages", "multicast/edge.facts"),
      example("bank", "Transfers: transactions"),
      example("inventory", "A bound on a stock: transactions"),
    ],
  },
  {
    title: "Basics",
    examples: [
      example("01-family", "Facts and rules"),
      example("02-reachability", "Recursion"),
      example("03-negation", "Negation"),
      example("04-two-colours", "Mutual recursion"),
      example("09-same-generation", "Recursion amid a rule"),
      example("08-access", "Types and alternatives"),
      example("07-words", "Strings and patterns"),
      example("14-numbers", "Arithmetic"),
      example("15-weather/weather", "Facts from files", "readings.csv", "station.facts"),
    ],
  },
  {
    title: "Negation and aggregates",
    examples: [
      example("05-shop", "Counts, sums, extremes"),
      example("12-schedule", "A schedule, in strata"),
      example("13-parts", "Bill of materials"),
    ],
  },
  {
    title: "Lattices",
    examples: [
      example("06-distances", "Shortest ways without one"),
      example("16-shortest-paths", "Shortest ways with one"),
      example("17-intervals", "Interval analysis"),
      example("18-constants", "A lattice of one's own"),
      example("19-definitions", "Maps to sets"),
    ],
  },
  {
    title: "Analyses",
    examples: [
      example("10-points-to", "Andersen's points-to"),
      example("11-methods", "Method lookup"),
    ],
  },
  {
    title: "The store",
    examples: [
      example("kv", "calmDB: dots and tombstones", ...storeFacts),
      example("kv-cart", "A cart on many devices", "kv.dl", "kv/price.facts", ...storeFacts),
      example("kv-followers", "Who follows whom", "kv.dl", ...storeFacts),
    ],
  },
];

const texts = import.meta.glob<string>("../../programs/**/*.{dl,csv,facts,json}", {
  query: "?raw",
  import: "default",
});

/** Returns the project of an example; undefined where there is none of that id. */
export async function exampleProject(id: string): Promise<Project | undefined> {
  const found = exampleGroups.flatMap(({ examples }) => examples).find((one) => one.id === id);
  if (found === undefined) return undefined;
  const folder = id.includes("/") ? id.slice(0, id.lastIndexOf("/") + 1) : "";
  const main = `${id.slice(folder.length)}.dl`;
  const read = async (name: string): Promise<[string, string]> => {
    const text = await texts[`../../programs/${folder}${name}`]?.();
    if (text === undefined) throw new Error(`the example ${id} has no ${name}`);
    return [name, text];
  };
  const files = await Promise.all([main, ...found.files].map(read));
  return { main, files: Object.fromEntries(files) };
}
