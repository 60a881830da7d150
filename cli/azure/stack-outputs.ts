import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import iconv from "iconv-lite";
import { z } from "zod";
import { OperatorError } from "../lib/errors.ts";
import { fileError } from "../lib/file-errors.ts";

const resourceId = z.string().regex(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/.+[^/]$/i);

const endpoint = z.url({ protocol: /^https$/ }).refine((url) => url.endsWith("/"), "must end with a slash");

/** What the deployed stack tells the command line: names and addresses, none of them secret. */
export const stackOutputs = z.object({
  environment: z.string().min(1),
  tenantId: z.string().min(1),
  subscriptionId: z.string().min(1),
  hubHostName: z.string().regex(/^[a-z0-9-]+\.azure-devices\.net$/i),
  hubResourceId: resourceId,
  filesAccountResourceId: resourceId,
  filesBlobEndpoint: endpoint,
  /** The account of the hub's import jobs. */
  importsAccountResourceId: resourceId,
  importsBlobEndpoint: endpoint,
  /** The container of the audit log, for example https://example.blob.core.windows.net/audit. */
  auditContainerUrl: z.url({ protocol: /^https$/ }),
  /** Where terminals look things up, for example https://example.azure-api.net/flow. */
  flowUrl: z.url({ protocol: /^https$/ }),
  /** The Flow API in API Management: customers' subscriptions are scoped to it. */
  flowApiResourceId: resourceId,
  flowKeysTableEndpoint: endpoint,
  flowKeysTableName: z.string().min(3),
  /** The people's group whose members may do what these commands do. */
  operatorsGroupName: z.string().min(1),
  operatorsApplicationClientId: z.string().min(1),
});

export type StackOutputs = z.infer<typeof stackOutputs>;

/** How `pulumi` is run: its path and the environment it needs. */
export interface Pulumi {
  path: string;
  env: NodeJS.ProcessEnv;
  /** The project's folder. */
  cwd: string;
}

/**
 * Reads a stack's outputs with `pulumi stack output --json`.
 * @throws OperatorError when Pulumi fails or is interrupted, or the outputs are not those of this project.
 */
export async function readStackOutputs(stack: string, pulumi: Pulumi): Promise<StackOutputs> {
  const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
  const said = await new Promise<string>((resolve, reject) => {
    execFile(pulumi.path, args, { cwd: pulumi.cwd, env: pulumi.env }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // Ctrl-C reaches every process of the terminal's foreground, so Pulumi ends too.
      if (error.signal === "SIGINT" || error.signal === "SIGTERM") {
        return reject(new OperatorError("interrupted", "interrupted; nothing was changed"));
      }
      const reason = stderr.trim().split("\n").at(-1) || error.message;
      reject(
        new OperatorError("usage", `the outputs of stack ${stack} cannot be read: ${reason}`, {
          remedy: `Check --stack and PULUMI_BACKEND_URL (\`pulumi stack ls\`), or take a file: --outputs FILE, made by \`pulumi stack output --json --stack ${stack}\`.`,
        }),
      );
    });
  });
  return parseOutputs(said, `stack ${stack}`);
}

/** Reads outputs from a file that `pulumi stack output --json` made, for operators without access to the state. */
export function readOutputsFile(file: string): StackOutputs {
  let text: string;
  try {
    const bytes = readFileSync(file);
    // Windows PowerShell 5.1 writes UTF-16 with a byte order mark: `pulumi stack output --json > FILE`.
    text = iconv.decode(bytes, bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16" : "utf8");
  } catch (error) {
    throw fileError(file, "read", error);
  }
  return parseOutputs(text, file);
}

function parseOutputs(text: string, where: string): StackOutputs {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OperatorError("usage", `${where}: the outputs are not JSON`);
  }
  const remedy = "Deploy the stack first (`pulumi up`), with the same version of this project.";
  if (value && typeof value === "object" && Object.keys(value).length === 0) {
    throw new OperatorError("usage", `${where}: there are no outputs, so it is not deployed`, { remedy });
  }
  const result = stackOutputs.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "outputs"}: ${issue.message}`,
  );
  throw new OperatorError(
    "usage",
    [`${where}: the outputs are not those of this project:`, ...wrong].join("\n"),
    { remedy },
  );
}
