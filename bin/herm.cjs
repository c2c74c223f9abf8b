#!/usr/bin/env node
"use strict";
// Node's own listener would open a port for a debugger, and who debugs this process has its keys.
process.on("SIGUSR1", () => {});
// The one place that may end the process. `--version` answers before anything is loaded.
const words = process.argv.slice(2);
const unreported =
  "error: herm failed, and so did telling why: its files don't fit together\nhint: install it anew\n";
if (words.length === 1 && words[0] === "--version") {
  process.stdout.write(`${require("../package.json").version}\n`);
} else {
  const { load, begins, keepCompiled } = require("../dist/cli/start.cjs").start({
    folder: `${__dirname}/../dist/cli`,
    require,
    env: process.env,
    home: require("node:os").homedir(),
    uid: process.getuid?.(),
    pid: process.pid,
    node: `${process.version}-${process.arch}`,
  });
  const { createSystem } = load("base/system-context");
  const { main } = load("base/main");
  const { system, dispose } = createSystem({
    version: require("../package.json").version,
    commandFile: __filename,
    exit: process.exit,
    onCommand: begins,
    onUnreported: () => process.stderr.write(unreported),
  });
  main(words, system).then((exitCode) => {
    process.exitCode = exitCode;
    dispose();
    keepCompiled();
  });
}
