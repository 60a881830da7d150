// Delays modules that Azurite loads at its start: they take a third of the start, and the sandbox needs them rarely or
// never.
import { createRequire, Module } from "node:module";

/** Azurite uses only properties of these modules, and reads the properties when it needs them. */
const delayedModules = [
  // Azurite's telemetry, which only its own command line turns on.
  "applicationinsights",
  // Asks the source of a copy from another account for its properties.
  "axios",
  // Reads the access token of a caller who asks for a user delegation key.
  "jsonwebtoken",
  // Azurite's debug log, which is off.
  "winston",
];

/** Loads each of these modules when Azurite first uses a property of it. Must run before Azurite is loaded. */
export function delayModules(): void {
  const require = createRequire(import.meta.url);
  const azuriteRequire = createRequire(require.resolve("azurite/package.json"));
  for (const name of delayedModules) {
    const path = azuriteRequire.resolve(name);
    let loaded: Record<string | symbol, unknown> | undefined;
    const load = () => {
      delete azuriteRequire.cache[path];
      loaded = azuriteRequire(name);
      return loaded!;
    };
    const exports = new Proxy(
      {},
      // Azurite's compiled code asks a module for this property when it loads it. None of those that it asks has it.
      { get: (_, property) => (property === "__esModule" ? undefined : (loaded ?? load())[property]) },
    );
    azuriteRequire.cache[path] = Object.assign(new Module(path), { exports, loaded: true });
  }
}
