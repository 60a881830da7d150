#!/usr/bin/env node
const { join } = require("node:path");
require("@terminal-fleet/node-launcher").launch(join(__dirname, "..", "main.ts"));
