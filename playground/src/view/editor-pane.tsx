import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dropTarget, takeFor } from "../dropped.ts";
import { Editor } from "../editor/editor.ts";
import type { RelationInfo } from "../protocol.ts";
import * as state from "../state.ts";
import { FactGrid } from "./fact-grid.tsx";

/** The files of the project, and the one that is edited: as a text, or, where it holds the facts of
 * a relation, as a grid. */
export function EditorPane() {
  const asText = useSignal(false);
  const name = state.file.value;
  const relation = state.checked.value?.relations.find(
    ({ facts }) => facts?.kind === "csv" && facts.name === name,
  );
  const grid = relation !== undefined && !asText.value;
  return (
    <div class="editor-pane" {...(relation !== undefined && dropTarget(relation))}>
      <Files />
      {relation !== undefined && (
        <div class="grid-bar">
          Facts of <code>{relation.name}</code>
          <button
            type="button"
            aria-pressed={asText.value}
            onClick={() => (asText.value = !asText.value)}
          >
            As text
          </button>
          <label class="button load">
            Load…
            <input
              type="file"
              class="visually-hidden"
              accept=".csv,.tsv,.facts,.txt,.json"
              onChange={({ currentTarget }) => {
                const [chosen] = currentTarget.files ?? [];
                if (chosen !== undefined) void takeFor(relation, chosen);
                currentTarget.value = "";
              }}
            />
          </label>
        </div>
      )}
      {grid ? <FactGrid relation={relation} /> : <TextPane />}
    </div>
  );
}

function Files() {
  const { main, all } = state.fileNames.value;
  const inputs = (state.checked.value?.relations ?? []).filter(({ facts }) => facts !== undefined);
  const lacking = inputs.flatMap((relation) =>
    relation.facts === undefined || all.includes(relation.facts.name)
      ? []
      : [{ file: relation.facts.name, relation }],
  );
  return (
    <div class="files" role="group" aria-label="Files">
      {all.map((name) => (
        <span class="file" key={name} {...dropsInto(inputs, name)}>
          <button
            type="button"
            aria-pressed={state.file.value === name}
            onClick={() => (state.file.value = name)}
          >
            {name}
          </button>
          {name !== main && (
            <button
              type="button"
              class="remove"
              aria-label={`Remove ${name}`}
              onClick={() => {
                state.removeFile(name);
              }}
            >
              ×
            </button>
          )}
        </span>
      ))}
      {lacking.map(({ file, relation }) => (
        <button
          type="button"
          class="add"
          key={file}
          {...dropTarget(relation)}
          onClick={() => {
            state.addFile(file);
          }}
        >
          + facts of {relation.name}
        </button>
      ))}
      <button type="button" class="add" onClick={added} aria-label="Add a file" title="Add a file">
        +
      </button>
    </div>
  );
}

function dropsInto(inputs: readonly RelationInfo[], file: string) {
  const relation = inputs.find(({ facts }) => facts?.name === file);
  return relation === undefined ? {} : dropTarget(relation);
}

function added(): void {
  const name = prompt("Name of the file, as #include or .input would have it", "more.dl")?.trim();
  if (name === undefined || name === "") return;
  if (state.project.value.files[name] === undefined) state.addFile(name);
  else state.file.value = name;
}

function TextPane() {
  const parent = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (parent.current === null) return;
    return mounted(parent.current);
  }, []);
  return <div class="text" ref={parent} />;
}

/** Puts an editor below an element, and keeps it and the state in step; returns what ends that. */
function mounted(parent: HTMLElement): () => void {
  const file = (): string => state.file.value;
  const editor = new Editor({
    parent,
    changed: (text) => {
      state.write(file(), text);
    },
    tokens: (text) => state.language.call("tokens", { name: file(), text }),
    complete: async (offset, typed) => {
      // It asks about what is there now, not about what was checked last.
      if (state.checkedProject.peek() !== state.project.peek()) await state.check();
      const asked = { file: file(), offset, ...(typed !== undefined && { typed }) };
      return state.language.call("complete", asked);
    },
    hover: (offset) => state.language.call("hover", { file: file(), offset }),
    definition: (offset) => state.language.call("definition", { file: file(), offset }),
    fixes: (finding) => state.language.call("fixes", finding),
    apply: ({ edits }) => {
      state.apply(edits);
    },
    show: (place) => {
      state.show(place);
    },
  });
  let shown = "";
  const ends = [
    effect(() => {
      const key = state.file.value;
      const version = state.opened.value;
      const text = state.project.peek().files[key] ?? "";
      if (shown === key && version > 0) editor.replace(text);
      else editor.open(text);
      shown = key;
      void editor.found(state.findings.peek().filter((of) => of.file === key));
    }),
    effect(() => {
      const all = state.findings.value;
      if (state.checkedProject.value !== state.project.peek()) return;
      void editor.found(all.filter((of) => of.file === state.file.peek()));
    }),
    effect(() => {
      const goal = state.goal.value;
      if (goal?.file === state.file.value) editor.show(goal, goal.focus);
    }),
  ];
  return () => {
    for (const end of ends) end();
    editor.view.destroy();
  };
}
