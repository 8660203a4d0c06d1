/** The forms in which `calm check --graph` draws a program. */
export const graphForms = ["dot", "mermaid", "json"] as const;

/** One of `graphForms`. */
export type GraphForm = (typeof graphForms)[number];
