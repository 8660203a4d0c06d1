import { variantTexts } from "../../plan/prefix.ts";
import { indexNeeds, type FormedStratum } from "../access.ts";
import { printed } from "./print.ts";
import { obstacle, wasmRule } from "./rule.ts";

/** Returns the rules of a stratum as the text of their WebAssembly modules, or why they stay in
 * JavaScript. */
export function wasmListing(stratum: FormedStratum): string {
  const rules = [...stratum.once, ...stratum.rounds];
  const texts = rules.map((rule) => {
    const reason = obstacle(stratum, rule);
    const variants = variantTexts(rule).map((one) => `;; ${one}`);
    const text =
      reason === undefined
        ? printed(wasmRule(stratum, indexNeeds(stratum), rule).module)
        : `;; stays in JavaScript: it ${reason}\n`;
    return [...variants, text].join("\n");
  });
  return texts.join("\n");
}
