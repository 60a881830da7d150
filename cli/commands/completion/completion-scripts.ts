/** What a completion script contains of a command. */
export interface CommandDescription {
  /** Names of the command and its parents, for example "audit show"; empty for the program itself. */
  path: string;
  description: string;
  subcommands: { name: string; description: string }[];
  options: { flag: string; description: string; takesValue: boolean; choices: string[] }[];
}

/** Quotes a text for POSIX shells. */
const quotePosix = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** Quotes a text for fish. */
const quoteFish = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
/** Quotes a text for PowerShell. */
const quotePowershell = (text: string) => `'${text.replaceAll("'", "''")}'`;

const wordsOf = ({ subcommands, options }: CommandDescription) => [
  ...subcommands.map(({ name }) => name),
  ...options.map(({ flag }) => flag),
];

const valuesOf = ({ options }: Pick<CommandDescription, "options">) =>
  options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag);

/** Cases of bash and zsh that add a typed subcommand to `place`, the path of the command that is completed. */
const subcommandCases = (commands: CommandDescription[]) =>
  commands
    .filter(({ path }) => path !== "")
    .map(({ path }) => {
      const at = path.lastIndexOf(" ");
      const from = at < 0 ? "" : path.slice(0, at);
      return `      ${quotePosix(`${from}|${path.slice(at + 1)}`)}) place=${quotePosix(path)} ;;`;
    })
    .join("\n");

/** The completion script for bash. */
export function bashScript(name: string, commands: CommandDescription[]): string {
  const valued = commands.map(
    (command) =>
      `    ${quotePosix(command.path)}) valued=${quotePosix(
        ` ${valuesOf(command).join(" ")} `,
      )}; candidates=${quotePosix(wordsOf(command).join(" "))} ;;`,
  );
  const choices = commands.flatMap(({ path, options }) =>
    options
      .filter((option) => option.choices.length > 0)
      .map(
        (option) =>
          `    ${quotePosix(`${path}|${option.flag}`)}) COMPREPLY=($(compgen -W ${quotePosix(option.choices.join(" "))} -- "$word")); return ;;`,
      ),
  );
  return `_${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place='' valued='' candidates='' typed
  for typed in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$place|$typed" in
${subcommandCases(commands)}
    esac
  done
  case "$place" in
${valued.join("\n")}
  esac
  case "$place|$before" in
${choices.join("\n")}
  esac
  if [[ "$valued" == *" $before "* ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
    return
  fi
  COMPREPLY=($(compgen -W "$candidates" -- "$word"))
  if [[ \${#COMPREPLY[@]} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _${name} ${name}
# After npx, the same is completed. For its other programs, what was completed before is asked.
_${name}_found="$(2>/dev/null complete -p npx | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p')"
if [[ "$_${name}_found" != _${name}_npx ]]; then _${name}_npx_before="$_${name}_found"; fi
_${name}_npx() {
  if [[ "\${COMP_WORDS[1]}" == ${name} && COMP_CWORD -gt 1 ]]; then
    local COMP_WORDS=("\${COMP_WORDS[@]:1}") COMP_CWORD=$((COMP_CWORD - 1))
    _${name}
  elif [[ -n "$_${name}_npx_before" ]]; then
    "$_${name}_npx_before" "$@"
  else
    COMPREPLY=($(compgen -W ${name} -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
}
complete -o filenames -F _${name}_npx npx
`;
}

/** The completion script for zsh. */
export function zshScript(name: string, commands: CommandDescription[]): string {
  const described = (text: string) => text.replaceAll(":", "\\:");
  const lists = commands.map(({ path, subcommands, options }) => {
    const all = [
      ...subcommands.map((one) => `${one.name}:${described(one.description)}`),
      ...options.map((one) => `${one.flag}:${described(one.description)}`),
    ];
    return `    ${quotePosix(path)}) candidates=(${all.map(quotePosix).join(" ")}); valued=(${valuesOf({ options }).join(" ")}) ;;`;
  });
  const choices = commands.flatMap(({ path, options }) =>
    options
      .filter((option) => option.choices.length > 0)
      .map(
        (option) =>
          `    ${quotePosix(`${path}|${option.flag}`)}) compadd -- ${option.choices.join(" ")}; return ;;`,
      ),
  );
  return `#compdef ${name}
_${name}() {
  local place='' typed before="\${words[CURRENT-1]}"
  local -a candidates valued
  for typed in "\${(@)words[2,CURRENT-1]}"; do
    case "$place|$typed" in
${subcommandCases(commands)}
    esac
  done
  case "$place" in
${lists.join("\n")}
  esac
  case "$place|$before" in
${choices.join("\n")}
  esac
  if (( \${valued[(Ie)$before]} )); then
    _files
    return
  fi
  _describe -t commands ${name} candidates || _files
}
# After npx, the same is completed. For its other programs, what was completed before is asked.
_${name}_npx() {
  if [[ "\${words[2]}" == ${name} ]] && (( CURRENT > 2 )); then
    shift words
    (( CURRENT-- ))
    _${name}
  elif [[ -n "$_${name}_npx_before" ]]; then
    "$_${name}_npx_before" "$@"
  else
    compadd -- ${name}
  fi
}
if [ "$funcstack[1]" = "_${name}" ]; then
  _${name} "$@"
else
  if [[ "\${_comps[npx]}" != _${name}_npx ]]; then _${name}_npx_before="\${_comps[npx]}"; fi
  compdef _${name} ${name}
  compdef _${name}_npx npx
fi
`;
}

/** The completion script for fish. */
export function fishScript(name: string, commands: CommandDescription[]): string {
  const lines = commands.flatMap(({ path, subcommands, options }) => {
    const typed = path === "" ? [] : path.split(" ").map((word) => `__fish_seen_subcommand_from ${word}`);
    const not =
      subcommands.length > 0
        ? [`not __fish_seen_subcommand_from ${subcommands.map((one) => one.name).join(" ")}`]
        : [];
    // `npx terminals` is completed as `terminals`.
    const starts = [
      { program: name, conditions: [...typed, ...not] },
      { program: "npx", conditions: [`__fish_seen_subcommand_from ${name}`, ...typed, ...not] },
    ];
    return starts.flatMap(({ program, conditions }) => {
      const condition = conditions.join("; and ");
      const where = condition ? ` -n ${quoteFish(condition)}` : "";
      return [
        ...subcommands.map(
          (one) => `complete -c ${program} -f${where} -a ${one.name} -d ${quoteFish(one.description)}`,
        ),
        ...options.map((one) => {
          const value =
            one.choices.length > 0
              ? ` -x -a ${quoteFish(one.choices.join(" "))}`
              : one.takesValue
                ? " -r"
                : "";
          return `complete -c ${program}${where} -l ${one.flag.replace(/^--/, "")}${value} -d ${quoteFish(one.description)}`;
        }),
      ];
    });
  });
  return `${lines.join("\n")}\n`;
}

/** The completion script for PowerShell. */
export function powershellScript(name: string, commands: CommandDescription[]): string {
  const rows = commands.map(({ path, subcommands, options }) => {
    const all = [
      ...subcommands.map((one) => [one.name, one.description] as const),
      ...options.map((one) => [one.flag, one.description] as const),
    ];
    const entries = all.map(
      ([word, description]) => `@(${quotePowershell(word)}, ${quotePowershell(description)})`,
    );
    return `  ${quotePowershell(path)} = @(${entries.join(", ")})`;
  });
  const choices = commands.flatMap(({ path, options }) =>
    options
      .filter((option) => option.choices.length > 0)
      .map(
        (option) =>
          `  ${quotePowershell(`${path}|${option.flag}`)} = @(${option.choices.map(quotePowershell).join(", ")})`,
      ),
  );
  return `Register-ArgumentCompleter -Native -CommandName npx, npx.cmd, ${name} -ScriptBlock {
param($word, $ast, $position)
$known = @{
${rows.join("\n")}
}
$choices = @{
${choices.join("\n")}
}
$path = ''
$before = ''
$elements = @($ast.CommandElements | Select-Object -Skip 1)
# After npx, the same is completed.
if ($ast.CommandElements[0].ToString() -match '^npx([.]cmd)?$') {
  if ($elements.Count -eq 0 -or $elements[0].ToString() -ne '${name}') { return }
  $elements = @($elements | Select-Object -Skip 1)
}
foreach ($element in $elements) {
  if ($element.Extent.EndOffset -ge $position -and $word -ne '') { break }
  $typed = $element.ToString()
  $deeper = ("$path $typed").Trim()
  if ($known.ContainsKey($deeper)) { $path = $deeper }
  $before = $typed
}
$found = if ($choices.ContainsKey("$path|$before")) { $choices["$path|$before"] | ForEach-Object { ,@($_, $_) } } else { $known[$path] }
$found | Where-Object { $_[0] -like "$word*" } | ForEach-Object {
  [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
}
}
`;
}
