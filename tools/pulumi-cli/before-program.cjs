/*
 * Node loads this file with --require (see Pulumi.yaml) before it runs the program, on any Node version.
 * It ends on a Node that is too old, and makes a preview faster without changing what the program does.
 */
require("@terminal-fleet/node-launcher/check-node");
const { Module } = require("node:module");
const { join } = require("node:path");

// Keep compiled code from run to run: a fifth of a preview's time.
Module.enableCompileCache(join(__dirname, "..", "..", "node_modules", ".cache", "node"));

require("./lazy-sdk-modules.cjs");
