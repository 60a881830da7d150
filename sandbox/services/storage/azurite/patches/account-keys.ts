// Patches Azurite's private class AccountDataStore at run time: it reads accounts and keys from an environment variable
// once a minute. The sandbox needs a change to be effective at once, and no key in the environment.
import { loadClass } from "../load-module.ts";
import type { KeysByAccount } from "../messages.ts";

/** @returns A function that replaces all accounts and keys. */
export function patchAccountKeys(): (accounts: KeysByAccount) => void {
  let accountsByName = new Map<string, object>();
  const store = loadClass("common/AccountDataStore").prototype;
  store.refresh = () => {};
  store.getAccount = (name: string) => accountsByName.get(name);
  return (accounts) => {
    accountsByName = new Map(
      Object.entries(accounts).map(([name, keys]) => {
        const [key1, key2] = keys.map((key) => Buffer.from(key, "base64"));
        return [name, { name, key1, key2 }];
      }),
    );
  };
}
