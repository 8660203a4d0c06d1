/** How JSON holds what has named parts: as an array of values in order, or as an object. */
export type JsonForm = "list" | "object";
