#!/usr/bin/env node
const { join } = require("node:path");
// Node marks its SQLite module, which keeps the sandbox's state, as experimental.
const options = ["--disable-warning=ExperimentalWarning"];
require("@terminal-fleet/node-launcher").launch(join(__dirname, "..", "main.ts"), options);
