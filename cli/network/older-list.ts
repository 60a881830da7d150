import { OperatorError } from "../lib/operator-error.ts";
import { t } from "../words/translate.ts";
import type { EndpointList } from "./endpoint-list.ts";
import { readEndpointList } from "./read-list.ts";

/**
 * Reads the older list that a new one is compared with.
 * @throws OperatorError when it is one of another environment or customer.
 */
export async function readOlderList(
  path: string,
  { environment, customer }: Pick<EndpointList, "environment" | "customer">,
): Promise<EndpointList> {
  const older = await readEndpointList(path);
  if (older.environment !== environment) {
    throw new OperatorError("usage", t`${path} is a list of ${older.environment}, not of ${environment}`, {
      remedy: t`Give the older list of the same stack.`,
    });
  }
  // A list of the stack has the rows of every customer's list.
  if (older.customer !== undefined && customer !== undefined && older.customer !== customer) {
    throw new OperatorError(
      "usage",
      t`${path} is the list of customer ${older.customer}, not of ${customer}`,
      {
        remedy: t`Give the older list of the same customer.`,
      },
    );
  }
  return older;
}
