import {
  brief,
  relationNames,
  type CommandWords,
  type OptionWords,
  type ValueKind,
} from "./words.ts";

/** Returns a script that completes the command lines of `calm` in fish. */
export function fishScript(commands: readonly CommandWords[]): string {
  const taking = commands.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .flatMap(({ flags }) => flags.map((flag) => quoted(`${path}:${flag}`))),
  );
  const paths = commands.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  return `# Completion of calm for fish: calm completion fish | source

# The words of the command that is typed, and then its arguments, without flags and what is behind
# them: "node status", "FILE"
function __calm_words
    set -l command
    set -l arguments
    set -l behind 0
    for word in (commandline -opc)[2..-1]
        if test $behind = 1
            set behind 0
        else if string match -q -- '-?*' $word
            if contains -- "$command:$word" ${taking.join(" ")}
                set behind 1
            end
        else if contains -- (string trim -- "$command $word") ${paths.join(" ")}
            set command (string trim -- "$command $word")
        else
            set -a arguments $word
        end
    end
    echo $command
    for argument in $arguments
        echo $argument
    end
end

# COMMAND: whether that is the one
function __calm_in
    set -l words (__calm_words)
    test "$words[1]" = "$argv[1]"
end

# COMMAND N [more]: whether its N-th argument is next, or a later one
function __calm_at
    set -l words (__calm_words)
    set -l at (math (count $words) - 1)
    test "$words[1]" = "$argv[1]"; and begin
        test $at = $argv[2]; or test "$argv[3]" = more -a $at -gt $argv[2]
    end
end

# The relations that the program declares which stands first
function __calm_goals
    set -l words (__calm_words)
    sed -n ${quoted(relationNames)} $words[2] 2>/dev/null |
        sort -u | string replace -r '$' '('
end

# The programs, and the folders in which more may be
function __calm_programs
    set -l typed (commandline -ct)
    for file in $typed*.dl
        echo $file
    end
    __fish_complete_directories $typed ''
end

complete -c calm -f
${commands.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ path, commands, options, values, variadic }: CommandWords): string[] {
  const here = `-n ${quoted(`__calm_in ${quoted(path)}`)}`;
  return [
    ...commands.map(
      ({ word, description }) =>
        `complete -c calm -n ${quoted(`__calm_at ${quoted(path)} 0`)} -a ${word} ` +
        `-d ${quoted(brief(description))}`,
    ),
    ...options.map((option) => optionLine(option, here)),
    ...values.flatMap((value, at) => {
      const what = valueFlags(value);
      if (what === "") return [];
      const more = variadic && at === values.length - 1 ? " more" : "";
      return [
        `complete -c calm -n ${quoted(`__calm_at ${quoted(path)} ${String(at)}${more}`)}${what}`,
      ];
    }),
  ];
}

function optionLine({ flags, description, value }: OptionWords, here: string): string {
  const names = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const alone = value?.kind === "file" || value === undefined ? "" : " -f";
  const what = value === undefined ? "" : ` -r${alone}${valueFlags(value)}`;
  return `complete -c calm ${here} ${names.join(" ")}${what} -d ${quoted(brief(description))}`;
}

function valueFlags(value: ValueKind): string {
  switch (value.kind) {
    case "words":
      return ` -a ${quoted(value.words.join(" "))}`;
    case "program":
      return ` -a ${quoted("(__calm_programs)")}`;
    case "file":
      return " -F";
    case "folder":
      return ` -a ${quoted("(__fish_complete_directories)")}`;
    case "goal":
      return ` -a ${quoted("(__calm_goals)")}`;
    case "text":
      return "";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
