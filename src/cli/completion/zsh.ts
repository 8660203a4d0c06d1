import {
  brief,
  relationNames,
  type CommandWords,
  type OptionWords,
  type ValueKind,
} from "./words.ts";

/** Returns a script that completes the command lines of `calm` in zsh, from a file `_calm` on its
 * `fpath`, or evaluated. */
export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef calm
# Completion of calm for zsh: eval "$(calm completion zsh)", after compinit

${commands.map((command) => commandFunction(command)).join("\n")}
# The relations that the program declares which stands first among the arguments
_calm_goals() {
  local -a names
  local word
  for word in $line; do
    if [[ -f $word ]]; then
      names=(\${(f)"$(sed -n '${relationNames}' $word | sort -u)"})
      break
    fi
  done
  compadd -S '(' -q -- $names
}

if [[ "\${funcstack[1]}" == _calm ]]; then
  _calm "$@"
else
  compdef _calm calm
fi
`;
}

function nameOf(path: string): string {
  return path === "" ? "_calm" : `_calm_${path.replaceAll(/\W/g, "_")}`;
}

function commandFunction({ path, commands, options, values, variadic }: CommandWords): string {
  const name = nameOf(path);
  const specs = options.flatMap(optionSpecs);
  if (commands.length === 0) {
    const places = values.map((value, at) => {
      const many = variadic && at === values.length - 1;
      return quoted(`${many ? "*" : String(at + 1)}:${placeName(value)}:${action(value)}`);
    });
    const all = [...specs, ...places].join(" \\\n    ");
    return `${name}() {\n  local -a line\n  _arguments -s -S ${all}\n}\n`;
  }
  const described = commands.map(({ word, description }) =>
    quoted(`${word}:${brief(description)}`),
  );
  const [first] = values;
  const also = first === undefined ? "" : `\n    ${action(first)}`;
  const cases = commands.map(({ word }) => {
    const below = nameOf(path === "" ? word : `${path} ${word}`);
    return `      ${word}) ${below} ;;`;
  });
  return `${name}() {
  local context state state_descr line
  local -A opt_args
  _arguments -s -S -C ${[...specs, "'1: :->first'", "'*:: :->rest'"].join(" \\\n    ")}
  case $state in
  first)
    local -a commands=(${described.join(" ")})
    _describe command commands${also}
    ;;
  rest)
    case $line[1] in
${cases.join("\n")}
    esac
    ;;
  esac
}
`;
}

function optionSpecs({ flags, description, value, repeatable }: OptionWords): string[] {
  const text = brief(description).replaceAll(/[[\]\\]/g, "\\$&");
  const what = value === undefined ? "" : `:${placeName(value)}:${action(value)}`;
  const others = flags.length > 1 && !repeatable ? `(${flags.join(" ")})` : "";
  return flags.map((flag) => {
    const takes = value === undefined ? "" : flag.startsWith("--") ? "=" : "+";
    return quoted(`${repeatable ? "*" : others}${flag}${takes}[${text}]${what}`);
  });
}

function placeName(value: ValueKind): string {
  return value.kind === "words" ? "value" : value.kind;
}

function action(value: ValueKind): string {
  switch (value.kind) {
    case "words":
      return `(${value.words.join(" ")})`;
    case "program":
      return '_files -g "*.dl(-.)"';
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "goal":
      return "_calm_goals";
    case "text":
      return " ";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
