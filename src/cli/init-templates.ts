/** The projects that there are to begin with. */
export const templates = ["basic", "network", "store"] as const;

/** The options of `calm init`. */
export type InitOptions = { readonly template: (typeof templates)[number] };
