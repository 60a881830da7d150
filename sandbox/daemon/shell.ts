/** How each shell sets a variable that child processes inherit. */
const setters = {
  posix: (name: string, value: string) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  fish: (name: string, value: string) =>
    `set -gx ${name} '${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
  powershell: (name: string, value: string) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
  cmd: (name: string, value: string) => `set "${name}=${value}"`,
};

export type Shell = keyof typeof setters;

/** The shells for which `azure-sandbox env` prints. */
export const shells = Object.keys(setters) as Shell[];

/**
 * One line for each variable, which sets it in the given shell.
 * @throws When a name or value could run a command in the shell, because the lines are passed to `eval`.
 */
export function shellLines(env: Record<string, string>, shell: Shell): string[] {
  return Object.entries(env).map(([name, value]) => {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(name)) throw new Error("The sandbox's environment has a malformed name.");
    // cmd interprets percent signs and quotes within quotes.
    const unsafe = shell === "cmd" ? /[\p{Cc}%"]/u : /\p{Cc}/u;
    if (unsafe.test(value)) throw new Error(`The sandbox's environment has a malformed value of ${name}.`);
    return setters[shell](name, value);
  });
}

/** The shell that this user most probably uses. */
export function detectShell(): Shell {
  const name = process.env.SHELL ?? "";
  if (name.endsWith("fish")) return "fish";
  if (name !== "") return "posix";
  return process.platform === "win32" ? "powershell" : "posix";
}
