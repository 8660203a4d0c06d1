import { signal } from "@preact/signals";

/** How the page looks: as the system does, or as was chosen. */
export type Theme = "system" | "light" | "dark";

const key = "calmdb.playground.theme";

/** The theme that is chosen. */
export const theme = signal<Theme>("system");

/** Takes over what was chosen before. */
export function preferTheme(): void {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(key);
  } catch {
    // It is as the system has it.
  }
  setTheme(kept === "light" || kept === "dark" ? kept : "system");
}

/** Chooses a theme. */
export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  document.documentElement.dataset["theme"] = chosen;
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // It holds until the page is left.
  }
}
