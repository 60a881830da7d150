export { prepareStack } from "./core/prepare-stack.ts";
export { type Sandbox, sandboxEnvironment, startSandbox } from "./core/sandbox.ts";
export { addMember } from "./daemon/control.ts";
export { callControl } from "./daemon/control-client.ts";
export { SandboxDirectory } from "./daemon/sandbox-directory.ts";
export { type ArmResource, toArmResource } from "./pulumi-providers/arm-resource.ts";
