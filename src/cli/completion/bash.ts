import { relationNames, type CommandWords, type ValueKind } from "./words.ts";

/** Returns a script that completes the command lines of `calm` in bash, from 3.2 on. */
export function bashScript(commands: readonly CommandWords[]): string {
  const named = commands.flatMap(({ path, commands: below }) =>
    below.map(({ word }) => `"${path}:${word}"`),
  );
  return `# Completion of calm for bash: eval "$(calm completion bash)"

# COMMAND OPTION: what stands behind it, empty for nothing
_calm_behind() {
  REPLY=
  case "$1:$2" in
${commands.flatMap(optionCases).join("\n")}
  esac
}

# COMMAND: its flags, and what its arguments are
_calm_of() {
  flags= arguments=() rest=
  case "$1" in
${commands.map(commandCase).join("\n")}
  esac
}

# COMMAND WORD: whether that is a command of its own
_calm_command() {
  case "$1:$2" in
  ${named.join(" | ")}) return 0 ;;
  esac
  return 1
}

_calm() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" command= behind= program= at=0 i word REPLY
  local flags arguments rest
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # \`--format=json\` comes as three words.
    if [[ $word == "=" && -n $behind ]]; then continue; fi
    if [[ -n $behind ]]; then behind=; continue; fi
    if [[ $word == -?* ]]; then
      _calm_behind "$command" "$word"
      behind="$REPLY"
    elif _calm_command "$command" "$word"; then
      command="\${command:+$command }$word"
    else
      if ((at == 0)); then program="$word"; fi
      ((at += 1))
    fi
  done
  if [[ $cur == "=" ]]; then cur=; fi
  _calm_of "$command"
  if [[ -z $behind && $cur == -* ]]; then
    behind="words $flags"
  elif [[ -z $behind ]]; then
    behind="\${arguments[at]:-$rest}"
  fi
  local IFS=';' part
  for part in $behind; do
    IFS=$' \\t\\n'
    _calm_offer "$part" "$cur" "$program"
  done
}

# KIND PREFIX PROGRAM: takes what there is of a kind
_calm_offer() {
  local cur="$2" quote="'"
  case "$1" in
  words\\ *) _calm_take compgen -W "\${1#words }" -- "$cur" ;;
  folder) _calm_names; _calm_take compgen -d -- "$cur" ;;
  file) _calm_names; _calm_take compgen -f -- "$cur" ;;
  program)
    _calm_names
    _calm_take compgen -d -- "$cur"
    _calm_take compgen -f -X '!*.dl' -- "$cur"
    ;;
  goal)
    # A parenthesis stands in quotes, or the shell takes it.
    case "$cur" in \\'* | \\"*) quote= cur="\${cur#?}" ;; esac
    if type compopt >/dev/null 2>&1; then compopt -o nospace 2>/dev/null; fi
    _calm_take _calm_goals "$3" "$cur" "$quote"
    ;;
  esac
}

# Takes what a command prints, line by line.
_calm_take() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <("$@" 2>/dev/null)
}

_calm_names() {
  if type compopt >/dev/null 2>&1; then compopt -o filenames 2>/dev/null; fi
}

# PROGRAM PREFIX QUOTE: the relations that it declares
_calm_goals() {
  local name
  sed -n '${relationNames}' "$1" | sort -u | while IFS= read -r name; do
    if [[ $name == "$2"* ]]; then printf '%s%s(\\n' "$3" "$name"; fi
  done
}

complete -F _calm calm
`;
}

function optionCases({ path, options }: CommandWords): string[] {
  return options.flatMap(({ flags, value }) => {
    if (value === undefined) return [];
    const patterns = flags.map((flag) => `"${path}:${flag}"`).join(" | ");
    return [`  ${patterns}) REPLY='${behind(value)}' ;;`];
  });
}

function commandCase({ path, commands, options, values, variadic }: CommandWords): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  const below = commands.map(({ word }) => word);
  // A command may stand in the place of the first argument.
  const named = below.length === 0 ? [] : [`words ${below.join(" ")}`];
  const [first, ...others] = values.map(behind);
  const places = [[...named, ...(first === undefined ? [] : [first])].join(";"), ...others];
  const kinds = places.map((place) => `'${place}'`).join(" ");
  const last = variadic ? behind(values.at(-1) ?? { kind: "text" }) : "";
  return `  "${path}") flags='${flags}' arguments=(${kinds}) rest='${last}' ;;`;
}

function behind(value: ValueKind): string {
  return value.kind === "words" ? `words ${value.words.join(" ")}` : value.kind;
}
