import type { Sandbox, SandboxOptions } from "./core/sandbox.ts";

export { prepareStack } from "./core/prepare-stack.ts";
export type { Sandbox } from "./core/sandbox.ts";
export { sandboxEnvironment } from "./core/sandbox-environment.ts";
export { addMember } from "./daemon/control.ts";
export { callControl } from "./daemon/control-client.ts";
export { SandboxDirectory } from "./daemon/sandbox-directory.ts";
export { type ArmResource, toArmResource } from "./pulumi-providers/arm-resource.ts";

/** As `startSandbox` of core/sandbox.ts. The services of the sandbox load when it starts: half a second of CPU time. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { startSandbox: start } = await import("./core/sandbox.ts");
  return start(options);
}
