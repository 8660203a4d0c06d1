// The limits that syntax sets against hostile or runaway text. Meeting one is a diagnostic.

/** The longest text that is read, in UTF-16 units, after expansion too. Bulk facts belong in files
 * that the reader of facts loads. */
export const sourceUnitsMax = 256 * 1024 * 1024;

/** How deep brackets, prefix operators, right-nested `^` and components nest. Chains of operators
 * that bind to the left, and bodies, may be as long as memory allows. */
export const nestingMax = 200;

/** How deep files include files. */
export const includeDepthMax = 64;

/** How deep macros expand into macros. */
export const macroDepthMax = 200;

/** How many errors one parse reports before it gives up on the text. */
export const errorsMax = 1000;

/** How many files one program includes, each inclusion counted. */
export const includesMax = 10_000;

/** How much text the expansion of macros makes, in UTF-16 units, steps in between included. */
export const expansionUnitsMax = 8 * 1024 * 1024;
