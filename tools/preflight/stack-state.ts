import { z } from "zod";
import { failureLines, runPulumi } from "./run-pulumi.ts";

/** What a stack has deployed already. */
export type StackState =
  /** The stack does not exist, or has never been deployed. */
  | { kind: "new" }
  /** Resource IDs, in lower case, and the names of groups in Entra ID. */
  | { kind: "deployed"; ids: Set<string>; groupNames: Set<string> }
  /** The state cannot be read, for this reason. */
  | { kind: "unreadable"; reason: string };

const exported = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.looseObject({
            type: z.string(),
            id: z.string().optional(),
            outputs: z.record(z.string(), z.unknown()).optional(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/**
 * Reads the state of a stack in the deployer's own backend. It reads resource IDs only: secrets stay encrypted.
 * @param stack Name of the stack, with an organisation where the backend has them.
 * @param root Folder of the project.
 */
export async function readStackState(stack: string, root: string, signal: AbortSignal): Promise<StackState> {
  const output = await runPulumi(["stack", "export", "--stack", stack], { cwd: root, signal });
  if (output.code !== 0) {
    const [reason = ""] = failureLines(output);
    return /no stack named/i.test(`${output.stdout}${output.stderr}`)
      ? { kind: "new" }
      : { kind: "unreadable", reason };
  }
  const parsed = exported.safeParse(JSON.parse(output.stdout));
  if (!parsed.success) return { kind: "unreadable", reason: "the export of the stack has another form" };
  const resources = parsed.data.deployment?.resources ?? [];
  const ids = resources.flatMap(({ id }) => (id?.startsWith("/subscriptions/") ? [id.toLowerCase()] : []));
  const groupNames = resources
    .filter(({ type }) => type === "azuread:index/group:Group")
    .flatMap(({ outputs }) => (typeof outputs?.displayName === "string" ? [outputs.displayName] : []));
  if (ids.length === 0 && groupNames.length === 0) return { kind: "new" };
  return { kind: "deployed", ids: new Set(ids), groupNames: new Set(groupNames) };
}
