import { useEffect, useRef } from "preact/hooks";

const keys: readonly (readonly [string, string])[] = [
  ["Ctrl+Enter", "run"],
  ["Ctrl+Shift+F", "format"],
  ["Ctrl+S", "copy a link to what you see"],
  ["Ctrl+Space", "propose how a word goes on"],
  ["Ctrl+F", "search"],
  ["Ctrl+/", "comment"],
  ["F12", "go to the declaration"],
  ["F8", "go to the next finding"],
  ["Esc, then Tab", "leave the editor"],
  ["← →", "another view, on the list of views"],
  ["?", "these keys"],
];

/** The keyboard shortcuts, on top of the page. */
export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      class="keys"
      ref={dialog}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.stopPropagation();
      }}
      aria-labelledby="keys-title"
    >
      <h2 id="keys-title">Keys</h2>
      <p class="quiet">On a Mac: ⌘ for Ctrl.</p>
      <dl>
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
