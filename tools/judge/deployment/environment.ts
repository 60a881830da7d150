import { mkdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Variables of the reviewer's environment that the judged program and its pack receive: where programs are, and what
 * Windows needs to start one. Every other variable may hold a credential, and stays out.
 */
const passedOn = ["PATH", "Path", "LANG", "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT"];

/**
 * The environment in which the judged program and its pack run: the sandbox's variables, an empty home, a folder of
 * its own for temporary files, and nothing of the reviewer's.
 * @param variables The sandbox's variables.
 * @param folder Folder for the home and the temporary files.
 */
export function judgedEnvironment(
  variables: Record<string, string>,
  folder: string,
  reviewer: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const inside = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const [home, temporary] = [inside("home"), inside("tmp")];
  const kept = passedOn.flatMap((name) => (reviewer[name] === undefined ? [] : [[name, reviewer[name]]]));
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    ...variables,
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    PULUMI_HOME: inside("pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // The engine writes the stack's state once at the end, and not after every resource: half of its CPU time. The
    // stack is deleted with the sandbox. Source: pulumi/sdk/go/common/env/env.go.
    PULUMI_SKIP_CHECKPOINTS: "true",
    // The option --event-log, which Pulumi's Automation API uses too, belongs to the debug commands.
    PULUMI_DEBUG_COMMANDS: "true",
    // Quotes, because the folder may have a space in its name.
    NODE_OPTIONS: `--require=${JSON.stringify(join(import.meta.dirname, "inside-process.cjs"))}`,
  };
}
