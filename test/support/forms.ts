import type { SetForm } from "../../src/codegen/store.ts";
import { formRules, type FormRules } from "../../src/engine/set-choice.ts";

/** The forms that the set of a relation can have. */
export const forms: readonly SetForm[] = ["table", "blocks", "bits"];

/** Rules by which sets have a form from the first tuple on, wherever they can have it. */
export function forced(form: SetForm): FormRules {
  const rules = { ...formRules, rowsMin: 1, bitsBytesMin: 0, bitsBytesPerRow: 0 };
  switch (form) {
    case "table":
      return { ...rules, blockDensityMin: Infinity };
    case "blocks":
      return { ...rules, blockDensityMin: 0 };
    case "bits":
      return { ...rules, bitsBytesMin: 1 << 26 };
  }
}
