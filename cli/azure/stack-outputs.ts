import { execFile } from "node:child_process";
import { z } from "zod";
import { decodeText } from "../lib/decode-text.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import { fileKinds, readBounded } from "../lib/read-bounded.ts";

const resourceId = z.string().regex(/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/.+[^/]$/i);

const endpoint = z.url({ protocol: /^https$/ }).refine((url) => url.endsWith("/"), "must end with a slash");

/** The outputs of a deployed stack: names and addresses, none of them secret. The command line knows nothing else of it. */
export const stackOutputs = z.object({
  environment: z.string().min(1),
  tenantId: z.string().min(1),
  subscriptionId: z.string().min(1),
  hubHostName: z.string().regex(/^[a-z0-9-]+\.azure-devices\.net$/i),
  hubResourceId: resourceId,
  filesAccountResourceId: resourceId,
  filesBlobEndpoint: endpoint,
  /** The storage account of the IoT Hub's import jobs. */
  importsAccountResourceId: resourceId,
  importsBlobEndpoint: endpoint,
  /** URL of the audit log's container, for example https://example.blob.core.windows.net/audit. */
  auditContainerUrl: z.url({ protocol: /^https$/ }),
  /** URL of the Flow API, for example https://example.azure-api.net/flow. */
  flowUrl: z.url({ protocol: /^https$/ }),
  /** The Flow API in API Management. The customers' subscriptions are scoped to it. */
  flowApiResourceId: resourceId,
  flowKeysTableEndpoint: endpoint,
  flowKeysTableName: z.string().min(3),
  /** The Entra ID group of the operators. */
  operatorsGroupName: z.string().min(1),
  operatorsApplicationClientId: z.string().min(1),
});

export type StackOutputs = z.infer<typeof stackOutputs>;

/** How to run `pulumi`. */
export interface Pulumi {
  path: string;
  env: NodeJS.ProcessEnv;
  /** The project's folder. */
  cwd: string;
}

/**
 * Reads a stack's outputs with `pulumi stack output --json`.
 * @throws OperatorError when Pulumi fails or is interrupted, or the outputs are invalid.
 */
export async function readStackOutputs(stack: string, pulumi: Pulumi): Promise<StackOutputs> {
  const args = ["stack", "output", "--json", "--stack", stack, "--non-interactive"];
  const text = await new Promise<string>((resolve, reject) => {
    execFile(pulumi.path, args, { cwd: pulumi.cwd, env: pulumi.env }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      // Ctrl-C in a terminal also interrupts Pulumi.
      if (error.signal === "SIGINT" || error.signal === "SIGTERM") {
        return reject(new OperatorError("interrupted", "interrupted; nothing was changed"));
      }
      const reason = stderr.trim().split("\n").at(-1) || error.message;
      reject(
        new OperatorError("usage", `the outputs of stack ${stack} cannot be read: ${reason}`, {
          remedy: `Check --stack and PULUMI_BACKEND_URL (\`pulumi stack ls\`), or use a file from \`pulumi stack output --json --stack ${quote(stack, "NAME")}\`: --outputs FILE.`,
        }),
      );
    });
  });
  return parseOutputs(text, `stack ${stack}`);
}

/**
 * Reads outputs from a file of `pulumi stack output --json`, for operators without access to the Pulumi state. Windows
 * PowerShell 5.1 writes it in UTF-16.
 */
export async function readOutputsFile(file: string): Promise<StackOutputs> {
  return parseOutputs(decodeText(await readBounded(file, fileKinds.outputs)), file);
}

function parseOutputs(text: string, source: string): StackOutputs {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OperatorError("usage", `${source}: the outputs are not JSON`);
  }
  const remedy = "Deploy the stack first (`pulumi up`), with the same version of this project.";
  if (value && typeof value === "object" && Object.keys(value).length === 0) {
    throw new OperatorError("usage", `${source}: there are no outputs, so the stack is not deployed`, {
      remedy,
    });
  }
  const result = stackOutputs.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "outputs"}: ${issue.message}`,
  );
  throw new OperatorError("usage", [`${source}: the outputs are not those of this project:`, ...problems], {
    remedy,
  });
}
