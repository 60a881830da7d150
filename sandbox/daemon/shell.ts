/** How each shell sets a variable so that child processes see it. */
const setters = {
  posix: (name: string, value: string) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
  fish: (name: string, value: string) =>
    `set -gx ${name} '${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
  powershell: (name: string, value: string) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
  cmd: (name: string, value: string) => `set "${name}=${value}"`,
};

export type Shell = keyof typeof setters;

/** The shells whose syntax `sandbox env` knows. */
export const shells = Object.keys(setters) as Shell[];

/**
 * One line a variable that sets it in the given shell.
 * @throws when a name or value is more than that to a shell: the lines are made to be run.
 */
export function shellLines(env: Record<string, string>, shell: Shell): string[] {
  return Object.entries(env).map(([name, value]) => {
    if (!/^[A-Z_][A-Z0-9_]*$/.test(name)) throw new Error("The sandbox's environment has a malformed name.");
    // Between quotes, cmd still reads percent signs and quotes.
    const bad = shell === "cmd" ? /[\p{Cc}%"]/u : /\p{Cc}/u;
    if (bad.test(value)) throw new Error(`The sandbox's environment has a malformed value of ${name}.`);
    return setters[shell](name, value);
  });
}

/** The shell that this user most likely sits in. */
export function shellOfThisUser(): Shell {
  const name = process.env.SHELL ?? "";
  if (name.endsWith("fish")) return "fish";
  if (name !== "") return "posix";
  return process.platform === "win32" ? "powershell" : "posix";
}
