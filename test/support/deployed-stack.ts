import { deployedProgram } from "./deployed-program.ts";
import { TestStack } from "./test-stack.ts";

/** Starts a sandbox with the deployed dev stack of the unmodified program; the operator is in the operators' group. */
export async function startDeployedStack(): Promise<TestStack> {
  const program = await deployedProgram();
  return TestStack.start("dev", { copyFrom: (folder) => program.copyStack(folder) });
}
