import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const language = require("@pulumi/pulumi/proto/language_pb.js");

/** The program's exit code after it has already told the user what is wrong (see @pulumi/pulumi/cmd/run). */
const exitedAfterTelling = 32;

const children = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(130);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
type Message = any;

/** Runs the program with @pulumi/pulumi's own runner; config goes by environment, never by argument. */
export async function runProgram(request: Message, engineAddress: string): Promise<Message> {
  const info = request.getInfo();
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value: string, key: string) => {
    config[key] = value;
  });
  const options = info.getOptions()?.toJavaScript() ?? {};
  const args = [
    ...nodeArguments(options.nodeargs),
    require.resolve("@pulumi/pulumi/cmd/run", { paths: [info.getProgramDirectory()] }),
    `--project=${request.getProject()}`,
    `--stack=${request.getStack()}`,
    `--organization=${request.getOrganization()}`,
    `--root-directory=${info.getRootDirectory()}`,
    `--pwd=${request.getPwd()}`,
    `--parallel=${request.getParallel()}`,
    `--monitor=${request.getMonitorAddress()}`,
    `--engine=${engineAddress}`,
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
  const child = spawn(process.execPath, args, {
    cwd: request.getPwd(),
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_NODEJS_TYPESCRIPT: String(options.typescript !== false),
    },
  });
  const code = await ended(child);
  const response = new language.RunResponse();
  if (code === exitedAfterTelling) response.setBail(true);
  else if (code !== 0) response.setError(`Program exited with code ${code}`);
  return response;
}

/** Runs a policy pack or a provider that is written in Node; its output and exit code are streamed back. */
export function runPlugin(call: Message): void {
  const request = call.request;
  const info = request.getInfo();
  const folder: string = info.getProgramDirectory();
  const isPolicyPack = /analyzer/i.test(request.getKind());
  const runner = `@pulumi/pulumi/cmd/${isPolicyPack ? "run-policy-pack" : "run-plugin"}`;
  const entry = info.getEntryPoint();
  const options = info.getOptions()?.toJavaScript() ?? {};
  const args = [
    ...nodeArguments(options.nodeargs),
    require.resolve(runner, { paths: [folder] }),
    ...request.getArgsList(),
    entry === "" || entry === "." ? folder : join(folder, entry),
  ];
  const named: Record<string, string> = {};
  for (const pair of request.getEnvList() as string[]) {
    const at = pair.indexOf("=");
    named[pair.slice(0, at)] = pair.slice(at + 1);
  }
  const child = spawn(process.execPath, args, {
    // A policy pack reads its package.json from the working directory.
    cwd: isPolicyPack ? folder : request.getPwd() || folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...named, PULUMI_NODEJS_TYPESCRIPT: String(options.typescript !== false) },
  });
  child.stdout?.on("data", (data) => call.write(output((message) => message.setStdout(data))));
  child.stderr?.on("data", (data) => call.write(output((message) => message.setStderr(data))));
  call.on("cancelled", () => child.kill());
  ended(child).then(
    (code) => {
      call.write(output((message) => message.setExitcode(code)));
      call.end();
    },
    (error: Error) => call.destroy(error),
  );
}

function output(fill: (message: Message) => void): Message {
  const message = new language.RunPluginResponse();
  fill(message);
  return message;
}

function nodeArguments(nodeargs: unknown): string[] {
  return String(nodeargs ?? "")
    .split(/\s+/)
    .filter((argument) => argument !== "");
}

/** The child's exit code; one that a signal ended counts as 1. */
function ended(child: ChildProcess): Promise<number> {
  children.add(child);
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      children.delete(child);
      reject(error);
    });
    child.on("close", (code) => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
}
