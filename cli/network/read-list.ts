import { decodeText } from "../lib/decode-text.ts";
import { OperatorError } from "../lib/operator-error.ts";
import { fileKinds, readBounded } from "../lib/read-bounded.ts";
import { t } from "../words/translate.ts";
import { type EndpointList, endpointList } from "./endpoint-list.ts";

const maxProblems = 5;

/**
 * Reads a file of `npx terminals endpoints`.
 * @throws OperatorError when it cannot be read, or is no such list, or one of a newer version.
 */
export async function readEndpointList(path: string): Promise<EndpointList> {
  const text = decodeText(await readBounded(path, fileKinds.endpoints));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OperatorError("usage", t`${path} is not a list of destinations: it is not JSON`, {
      remedy: remedy(),
    });
  }
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === "number" && version > 1) {
    throw new OperatorError(
      "usage",
      t`${path} is a list of version ${version}; this program reads version 1`,
      {
        remedy: t`Use a newer version of this project.`,
      },
    );
  }
  const result = endpointList.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues
    .slice(0, maxProblems)
    .map(({ path: at, message }) => `  ${at.join(".") || t`the file`}: ${message}`);
  if (issues.length > maxProblems) problems.push(t`  and ${issues.length - maxProblems} more`);
  throw new OperatorError("usage", [t`${path} is not a list of destinations:`, ...problems], {
    remedy: remedy(),
  });
}

const remedy = () => t`Give a file that \`npx terminals endpoints\` wrote with --out, without a change.`;
