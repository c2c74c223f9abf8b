import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pty from "@lydell/node-pty";
import { onTestFinished } from "vitest";
import { quoteForShells } from "../../src/command-line/shell-quote.js";
import { command } from "./command-file.js";
import { temporaryFolder } from "./harness.js";

export type Shell = "bash" | "zsh" | "fish";

/** An interactive shell on a real terminal, with the built `herm` in its PATH and completion switched on. */
export interface ShellSession {
  /** Types `args …` and a tab; returns the arguments that the shell then passes. */
  complete(typed: string): Promise<string[]>;
}

/**
 * How to start each shell without a user's settings, and how to apply its completion to `args`, which prints its
 * arguments.
 */
const shells: Record<Shell, { words: string[]; setUp: string }> = {
  bash: {
    words: ["--norc", "--noprofile", "-i"],
    setUp: `eval "$(herm completion bash)"; eval "$(complete -p herm | sed s/herm$/args/)"; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'`,
  },
  zsh: {
    words: ["-f", "-i"],
    setUp: `unsetopt beep; autoload -Uz compinit; compinit -u -D; source <(herm completion zsh); compdef _herm args`,
  },
  fish: {
    words: ["--no-config", "-i"],
    setUp: `set -g fish_autosuggestion_enabled 0; herm completion fish | source; complete -c args -f -a '(__herm_words)'`,
  },
};

export async function openShell(shell: Shell, env: Record<string, string>): Promise<ShellSession> {
  const home = temporaryFolder();
  const bin = join(home, "bin");
  mkdirSync(bin);
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const started = [command.file, ...command.args].map(quoteForShells).join(" ");
  program("herm", `exec ${started} "$@"`);
  program("args", `printf 'args%s%s' '<' ''; printf '%s|' "$@"; printf '%s\\n' '>'`);
  writeFileSync(join(home, "some-file.yaml"), "");
  const child = pty.spawn(shell, shells[shell].words, {
    cols: 200,
    rows: 50,
    cwd: home,
    name: "xterm",
    env: { PATH: `${bin}:${process.env.PATH ?? ""}`, HOME: home, LANG: "C.UTF-8", LC_ALL: "C.UTF-8", ...env },
  });
  onTestFinished(() => child.kill("SIGKILL"));
  let shown = "";
  let look = () => {};
  child.onData((data) => {
    shown += data;
    look();
  });
  const shows = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      look = () => {
        const found = pattern.exec(shown);
        if (found !== null) resolve(found);
      };
      look();
    });
  child.write(`${shells[shell].setUp}\r`);
  child.write("args ready\r");
  await shows(/args<ready\|>/);
  return {
    async complete(typed) {
      shown = "";
      child.write(`args ${typed}\t\r`);
      const [, words = ""] = await shows(/args<(.*)\|>/);
      return words.split("|");
    },
  };
}
