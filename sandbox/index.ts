export { prepareStack } from "./core/prepare-stack.ts";
export { type Sandbox, sandboxEnvironment, startSandbox } from "./core/sandbox.ts";
export { addMember, callControl } from "./daemon/control.ts";
export { SandboxDirectory as Place } from "./daemon/sandbox-directory.ts";
