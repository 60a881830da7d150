// Patches Azurite's private function isURITemplateMatch (blob) at run time: for each request it compiles the URI templates of
// all operations again, a tenth of the time that Azurite needs for a small request.
import { loadModule } from "../load-module.ts";

/** What Azurite compares with the templates in place of a path (blobStorageContext.middleware.js, `dispatchPattern`). */
const pathForms = new Set(["/", "/container", "/container/blob"]);

/** Remembers which form of a path matches which template. */
export function rememberPathForms(): void {
  const utils: { isURITemplateMatch(path: string, template: string): boolean } = loadModule(
    "blob/generated/utils/utils",
  );
  const { isURITemplateMatch } = utils;
  const known = new Map<string, boolean>();
  utils.isURITemplateMatch = (path, template) => {
    if (!pathForms.has(path)) return isURITemplateMatch(path, template);
    const key = `${path} ${template}`;
    const matches = known.get(key) ?? isURITemplateMatch(path, template);
    known.set(key, matches);
    return matches;
  };
}
