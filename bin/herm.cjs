#!/usr/bin/env node
"use strict";
// Written so that any Node since 6 can parse it: a Node that is too old prints one line instead of a stack. Read as a
// file, because `require` takes three times as long to find it. biome-ignore lint/style/useNodejsImportProtocol: an old
// Node doesn't know it.
const { version, engines } = JSON.parse(require("fs").readFileSync(`${__dirname}/../package.json`, "utf8"));
const [neededMajor, neededMinor] = engines.node.match(/\d+/g).map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  process.stderr.write(
    `error: herm needs Node ${neededMajor}.${neededMinor} or newer, and this is Node ${process.versions.node}\n`,
  );
  process.exitCode = 1;
} else run(process.argv.slice(2));

/** The only place that may end the process. `--version` by itself is answered before anything is loaded. */
function run(words) {
  // Node's own listener would open a port for a debugger, and a debugger can read this process's keys.
  process.on("SIGUSR1", () => {});
  if (words.length === 1 && /^(--version|-v|version)$/.test(words[0])) {
    process.stdout.on("error", unwritten).write(`${version}\n`);
    return;
  }
  const start = built();
  if (start === undefined) return;
  const { load, begins, keepCompiled } = start({
    folder: `${__dirname}/../dist/cli`,
    require,
    env: process.env,
    uid: process.getuid === undefined ? undefined : process.getuid(),
    pid: process.pid,
    node: `${process.version}-${process.arch}`,
  });
  const { createSystem } = load("base/system-context");
  const { main } = load("base/main");
  const unreported =
    "error: herm failed, and so did telling why: its files don't fit together\nhint: install it anew\n";
  const { system, dispose } = createSystem({
    version,
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

/** Starts the built command; undefined in a clone where nothing is built, because npm was told not to run scripts. */
function built() {
  try {
    return require("../dist/cli/start.cjs").start;
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    process.stderr.write("error: herm isn't built yet: npm run build does it\n");
    process.exitCode = 1;
  }
}

/** A reader that has left has all that it wanted. */
function unwritten({ code, message }) {
  if (code === "EPIPE") return;
  process.stderr.write(`error: could not write the output: ${message}\n`);
  process.exitCode = 1;
}
