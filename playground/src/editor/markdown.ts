/** Returns the little Markdown that is said of names as an element: blocks of code, paragraphs,
 * `code` and **strong** words. All else is text. */
export function markdownElement(markdown: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "markdown";
  for (const block of markdown.split(/\n{2,}(?=(?:[^`]*```[^`]*```)*[^`]*$)/)) {
    const code = /^```\w*\n([^]*?)\n?```$/.exec(block.trim())?.[1];
    if (code === undefined) {
      const paragraph = document.createElement("p");
      inline(paragraph, block);
      element.append(paragraph);
    } else {
      const pre = document.createElement("pre");
      pre.textContent = code;
      element.append(pre);
    }
  }
  return element;
}

function inline(parent: HTMLElement, text: string): void {
  for (const piece of text.split(/(`[^`]+`|\*\*[^*]+\*\*)/)) {
    const [, code] = /^`([^`]+)`$/.exec(piece) ?? [];
    const [, strong] = /^\*\*([^*]+)\*\*$/.exec(piece) ?? [];
    if (code !== undefined)
      parent.append(Object.assign(document.createElement("code"), { textContent: code }));
    else if (strong !== undefined)
      parent.append(Object.assign(document.createElement("strong"), { textContent: strong }));
    else parent.append(piece.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1"));
  }
}
