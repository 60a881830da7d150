import "./disable-debug-logging.ts";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

// With a compile cache the command line loads in half the time. It covers what is loaded afterwards, so this file imports
// the rest dynamically. The cache is not in the system's temporary folder, where another account of this computer could
// put code into it.
enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "terminals"));
await import("./run-process.ts");
