// Patches Azurite's private class AccountDataStore at run time: it reads accounts and keys from an environment variable
// once a minute. The sandbox needs a change to be effective at once, and no key in the environment.
import { createSecretKey, type KeyObject } from "node:crypto";
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
        // Azurite signs with each key only. Node needs five times as long for a signature with a buffer.
        const [key1, key2] = keys.map((key): KeyObject => createSecretKey(key, "base64"));
        return [name, { name, key1, key2 }];
      }),
    );
  };
}
