import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Loads a private module of the npm package azurite. The package publishes neither an interface nor types of them, so
 * each caller declares the members that it uses.
 * @param path Path below azurite/dist/src, without the extension.
 */
// biome-ignore lint/suspicious/noExplicitAny: the module has no types.
export function loadModule(path: string): any {
  return require(`azurite/dist/src/${path}.js`);
}

/** Loads the default export of a private module, usually a class. */
// biome-ignore lint/suspicious/noExplicitAny: the module has no types.
export function loadClass(path: string): any {
  return loadModule(path).default;
}

/** A method of a private class. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;
