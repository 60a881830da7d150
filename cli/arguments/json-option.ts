/**
 * Whether a command line asks for JSON: `--json`, or `--output json` of a list. It is known before the command line is
 * parsed, so that errors of its syntax are JSON too.
 * @param argv Arguments after the program's name.
 */
export function isJsonRequested(argv: readonly string[]): boolean {
  const isForm = (argument: string, index: number) => argument === "--output" && argv[index + 1] === "json";
  return argv.includes("--json") || argv.includes("--output=json") || argv.some(isForm);
}
