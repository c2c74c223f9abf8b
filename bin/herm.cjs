#!/usr/bin/env node
"use strict";
// The one place that may end the process. `--version` answers before anything is loaded.
const words = process.argv.slice(2);
if (words.length === 1 && words[0] === "--version") {
  process.stdout.write(`${require("../package.json").version}\n`);
} else {
  require("node:module").enableCompileCache?.();
  const { createSystem } = require("../dist/cli/system-context.cjs");
  const { main } = require("../dist/cli/main.cjs");
  const { system, dispose } = createSystem({
    version: require("../package.json").version,
    commandFile: __filename,
    exit: process.exit,
  });
  main(words, system).then((exitCode) => {
    process.exitCode = exitCode;
    dispose();
  });
}
