import { ArmError } from "../arm-error.ts";
import { idBeforeAction, jsonBody, type ManagementApp, type ManagementParts } from "./routes.ts";

const account = "/subscriptions/:s/resourcegroups/:g/providers/microsoft.storage/storageaccounts/:a";

/** Adds reads and regenerations of account keys, which have rights of their own. */
export function addStorageRoutes(app: ManagementApp, { azure, accountKeys }: ManagementParts): void {
  const answer = (accountId: string) => ({
    keys: accountKeys.list(accountId).map(({ keyName, value, creationTime }) => ({
      creationTime,
      keyName,
      value,
      permissions: "FULL",
    })),
  });

  app.post(`${account}/listkeys`, (context) => {
    const id = idBeforeAction(context);
    const manager = context.get("manager");
    manager.authorize("Microsoft.Storage/storageAccounts/listkeys/action", id);
    manager.stored(id);
    return context.json(answer(id));
  });

  app.post(`${account}/regeneratekey`, async (context) => {
    const id = idBeforeAction(context);
    const manager = context.get("manager");
    manager.authorize("Microsoft.Storage/storageAccounts/regeneratekey/action", id);
    const resource = manager.stored(id);
    const { keyName } = await jsonBody(context);
    if (keyName !== "key1" && keyName !== "key2") {
      throw new ArmError(
        400,
        "InvalidValuesForRequestParameters",
        "Values for request parameters are invalid: keyName.",
      );
    }
    accountKeys.regenerate(id, keyName);
    const times = accountKeys.list(id).map((key) => [key.keyName, key.creationTime]);
    azure.resources.put({
      ...resource,
      properties: { ...resource.properties, keyCreationTime: Object.fromEntries(times) },
    });
    return context.json(answer(id));
  });
}
