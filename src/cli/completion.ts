// `calm completion`: the script that a shell evaluates, made of the tree of commands.
import { Argument, type Command } from "commander";
import type { Host } from "./host.ts";

/** The shells whose command lines can be completed. */
const shells = ["bash", "zsh", "fish"] as const;

/** Adds `calm completion` to the commands that it is about. */
export function completionCommand(root: Command, host: Host): void {
  root
    .command("completion")
    .description("print what makes a shell complete the command lines of calm")
    .addArgument(new Argument("<shell>", "the shell that evaluates it").choices(shells))
    .addHelpText("after", completionHelp)
    .action(async (shell: (typeof shells)[number]) => {
      const { commandWords } = await import("./completion/words.ts");
      const words = commandWords(root);
      const scripts = {
        bash: async () => (await import("./completion/bash.ts")).bashScript(words),
        zsh: async () => (await import("./completion/zsh.ts")).zshScript(words),
        fish: async () => (await import("./completion/fish.ts")).fishScript(words),
      };
      host.stdout.write(await scripts[shell]());
    });
}

const completionHelp = `
Commands, flags, what may stand behind them, programs, and the relations of a program in goals.

Example:
  calm completion fish | source    # in ~/.config/fish/config.fish
  eval "$(calm completion bash)"   # in ~/.bashrc
  eval "$(calm completion zsh)"    # in ~/.zshrc, after compinit`;
