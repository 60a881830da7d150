import { execFile } from "node:child_process";
import { z } from "zod";
import { decodeText } from "../lib/decode-text.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { quote } from "../lib/quote.ts";
import { fileKinds, readBounded } from "../lib/read-bounded.ts";
import { t } from "../words/translate.ts";
import { accountNameOf, accountOfContainer, gatewayNameOf, hubNameOf } from "./azure-hosts.ts";
import { findHostProblems } from "./stack-hosts.ts";

const text = z.string().min(1);
const hasForm = (nameOf: (value: string) => string | undefined, form: () => string) =>
  z.string().refine((value) => nameOf(value) !== undefined, { error: () => t`must be ${form()}` });
const blobEndpoint = hasForm(
  (url) => accountNameOf(url, "blob"),
  () => t`the blob endpoint of a storage account: https://ACCOUNT.blob.core.windows.net/`,
);

/** The setting `supportContact`: a name, and an e-mail address, a phone number or both. */
export const supportContact = z.strictObject({
  name: text,
  email: z.email().optional(),
  phone: text.optional(),
  /** Hours of working days in Norway, for example 08:00-16:00. */
  hours: text.optional(),
});
export type SupportContact = z.infer<typeof supportContact>;

/** Names and addresses, none of them secret. */
const outputsOfStack = z.object({
  environment: z.string().min(1),
  tenantId: z.string().min(1),
  subscriptionId: z.string().min(1),
  hubHostName: hasForm(hubNameOf, () => t`the host name of an IoT Hub: HUB.azure-devices.net`),
  hubResourceId: text,
  filesAccountResourceId: text,
  filesBlobEndpoint: blobEndpoint,
  /** The storage account of the IoT Hub's import jobs. */
  importsAccountResourceId: text,
  importsBlobEndpoint: blobEndpoint,
  /** URL of the audit log's container, for example https://example.blob.core.windows.net/audit. */
  auditContainerUrl: hasForm(
    accountOfContainer,
    () => t`the URL of a container: https://ACCOUNT.blob.core.windows.net/CONTAINER`,
  ),
  /** URL of the Flow API, for example https://example.azure-api.net/flow. */
  flowUrl: hasForm(
    gatewayNameOf,
    () => t`the URL of an API in API Management: https://SERVICE.azure-api.net/PATH`,
  ),
  /** The Flow API in API Management. The customers' subscriptions are scoped to it. */
  flowApiResourceId: text,
  flowKeysTableEndpoint: hasForm(
    (url) => accountNameOf(url, "table"),
    () => t`the table endpoint of a storage account: https://ACCOUNT.table.core.windows.net/`,
  ),
  /** Source: "Understanding the Table service data model", table names. */
  flowKeysTableName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{2,62}$/, { error: () => t`must be the name of a table` }),
  /** The Entra ID group of the operators. */
  operatorsGroupName: z.string().min(1),
  operatorsApplicationClientId: z.string().min(1),
  // What the customer's sheet says. Stacks that were deployed by an older version of this project do not have these.
  hubRegion: text.optional(),
  flowRegion: text.optional(),
  /** Days in which Azure can restore a deleted file. */
  fileRecoveryDays: z.int().optional(),
  /** Whether the files are also copied to North Europe. */
  isFilesGeoReplicated: z.boolean().optional(),
  /** Days that logs are kept. */
  logRetentionDays: z.int().optional(),
  /** Who answers a customer's IT people. */
  supportContact: supportContact.optional(),
});

/** The outputs of a deployed stack, whose hosts belong to its resources. The command line knows nothing else of it. */
export const stackOutputs = outputsOfStack.superRefine((outputs, context) => {
  for (const { output, problem } of findHostProblems(outputs)) {
    context.addIssue({ code: "custom", path: [output], message: problem });
  }
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
        return reject(new OperatorError("interrupted", t`interrupted; nothing was changed`));
      }
      const reason = stderr.trim().split("\n").at(-1) || error.message;
      reject(
        new OperatorError("usage", t`the outputs of stack ${stack} cannot be read: ${reason}`, {
          remedy: t`Check --stack and PULUMI_BACKEND_URL (\`npm run pulumi -- stack ls\`), or use a file from \`npm run -s pulumi -- stack output --json --stack ${quote(stack, "NAME")}\`: --outputs FILE.`,
        }),
      );
    });
  });
  return parseOutputs(text, t`stack ${stack}`);
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
    throw new OperatorError("usage", t`${source}: the outputs are not JSON`);
  }
  const remedy = t`Deploy the stack first (\`npm run pulumi -- up\`), with the same version of this project.`;
  if (value && typeof value === "object" && Object.keys(value).length === 0) {
    throw new OperatorError("usage", t`${source}: there are no outputs, so the stack is not deployed`, {
      remedy,
    });
  }
  const result = stackOutputs.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `  ${issue.path.join(".") || "outputs"}: ${issue.message}`,
  );
  throw new OperatorError("usage", [t`${source}: the outputs are not those of this project:`, ...problems], {
    remedy: t`Nothing was sent. ${remedy} Outputs in a file are used as \`npm run -s pulumi -- stack output --json\` prints them, without a change.`,
  });
}
