// Files from outside: dropped on the page, or on a relation, or chosen for one.
import { droppedFacts } from "./fact-rows.ts";
import { sharedOf } from "./link.ts";
import type { RelationInfo } from "./protocol.ts";
import * as state from "./state.ts";

/** What an element does that takes dropped files: for a relation, or else for the page. The
 * innermost one takes them. */
export function dropTarget(relation?: RelationInfo) {
  return {
    onDragOver: (event: DragEvent): void => {
      if (!(event.dataTransfer?.types.includes("Files") ?? false)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    onDrop: (event: DragEvent): void => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      event.stopPropagation();
      for (const file of files)
        void (relation === undefined ? take(file) : takeFor(relation, file));
    },
  };
}

/** Takes a file as the facts of a relation: they become what its `.input` reads. */
export async function takeFor(relation: RelationInfo, file: File): Promise<void> {
  const facts = droppedFacts({ name: file.name, text: await file.text() }, relation);
  if ("refused" in facts) {
    state.say(`${file.name} is not taken: ${facts.refused}`);
    return;
  }
  state.addFile(relation.facts?.name ?? file.name, facts.text);
  state.say(`${file.name} holds the facts of ${relation.name} now`);
}

/** Takes a file that is dropped beside the relations: a project; the facts of the relation that it
 * is named after; or a file like others. */
async function take(file: File): Promise<void> {
  const known = state.checked.value?.relations ?? [];
  const stem = file.name.replace(/\.[^.]*$/, "");
  const relation = known.find(({ name, facts }) => facts !== undefined && name === stem);
  if (relation !== undefined) return takeFor(relation, file);
  const text = await file.text();
  if (file.name.endsWith(".json"))
    try {
      state.open(sharedOf(JSON.parse(text)));
      return;
    } catch {
      // Not a project: a file like others.
    }
  state.addFile(file.name, text);
}
