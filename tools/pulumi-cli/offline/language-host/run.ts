import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const language = require("@pulumi/pulumi/proto/language_pb.js");

/** Exit code of a program that has printed its error already. Source: @pulumi/pulumi/cmd/run. */
const errorPrintedExitCode = 32;

const children = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(130);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the generated messages have no common type.
type Message = any;

/** Runs the program with @pulumi/pulumi's runner. It receives the configuration by environment, never by argument. */
export async function runProgram(request: Message, engineAddress: string): Promise<Message> {
  const info = request.getInfo();
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value: string, key: string) => {
    config[key] = value;
  });
  const options = info.getOptions()?.toJavaScript() ?? {};
  const args = [
    ...splitArguments(options.nodeargs),
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
  const code = await waitForExit(child);
  const response = new language.RunResponse();
  if (code === errorPrintedExitCode) response.setBail(true);
  else if (code !== 0) response.setError(`Program exited with code ${code}`);
  return response;
}

/** Runs a policy pack or a provider that is written for Node, and streams its output and exit code to the engine. */
export function runPlugin(call: Message): void {
  const request = call.request;
  const info = request.getInfo();
  const folder: string = info.getProgramDirectory();
  const isPolicyPack = /analyzer/i.test(request.getKind());
  const runner = `@pulumi/pulumi/cmd/${isPolicyPack ? "run-policy-pack" : "run-plugin"}`;
  const entry = info.getEntryPoint();
  const options = info.getOptions()?.toJavaScript() ?? {};
  const args = [
    ...splitArguments(options.nodeargs),
    require.resolve(runner, { paths: [folder] }),
    ...request.getArgsList(),
    entry === "" || entry === "." ? folder : join(folder, entry),
  ];
  const pairs = (request.getEnvList() as string[]).map((pair) => {
    const separator = pair.indexOf("=");
    return [pair.slice(0, separator), pair.slice(separator + 1)];
  });
  const child = spawn(process.execPath, args, {
    // A policy pack reads its package.json from the working directory.
    cwd: isPolicyPack ? folder : request.getPwd() || folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...Object.fromEntries(pairs),
      PULUMI_NODEJS_TYPESCRIPT: String(options.typescript !== false),
    },
  });
  child.stdout?.on("data", (data) => call.write(pluginResponse((message) => message.setStdout(data))));
  child.stderr?.on("data", (data) => call.write(pluginResponse((message) => message.setStderr(data))));
  call.on("cancelled", () => child.kill());
  waitForExit(child).then(
    (code) => {
      call.write(pluginResponse((message) => message.setExitcode(code)));
      call.end();
    },
    (error: Error) => call.destroy(error),
  );
}

function pluginResponse(fill: (message: Message) => void): Message {
  const message = new language.RunPluginResponse();
  fill(message);
  return message;
}

function splitArguments(nodeargs: unknown): string[] {
  return String(nodeargs ?? "")
    .split(/\s+/)
    .filter((argument) => argument !== "");
}

/** The child's exit code; 1 when a signal ended it. */
function waitForExit(child: ChildProcess): Promise<number> {
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
