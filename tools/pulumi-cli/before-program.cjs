/*
 * Node loads this file with --require (see Pulumi.yaml and policies/PulumiPolicy.yaml) before it runs the program or its
 * policy pack, on any Node version.
 * It ends on a Node that is too old, and makes a preview faster without changing what the program or the pack does.
 */
require("@terminal-fleet/node-launcher/check-node");
const { Module } = require("node:module");
const { join } = require("node:path");

// Keep compiled code from run to run: a fifth of a preview's time. The cache is in the program's or the pack's folder. It is
// not portable: Node keeps the path of a TypeScript file in its compiled code, and findings name lines by their path.
Module.enableCompileCache(join(process.cwd(), "node_modules", ".cache", "node"));

require("./lazy-sdk-modules.cjs");
