/**
 * The program that tests run in separate processes: `<home> <task> [arguments]`. It prints a line after each step, and
 * ends with the exit code of its error, if there is one.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createPrivateFiles } from "../../src/files/private-files.js";
import { withSettingsLock, writeKey } from "../../src/settings/config-file.js";
import { saveLogin, saveProfileField } from "../../src/settings/save.js";
import { self } from "./self.js";

// As in the command.
process.on("SIGXFSZ", () => undefined);

const [home = "", task = "", ...rest] = process.argv.slice(2);
const files = createPrivateFiles(self);
const store = { files, configDir: join(home, ".config", "herm") };
const origin = "https://api.prismagents.com";

const tasks: { [name: string]: (...args: string[]) => Promise<void> | void } = {
  async keys(name = "", count = "1") {
    for (let at = 0; at < Number(count); at += 1) {
      const entry = { profile: `${name}-${at}`, origin, key: `key-of-${name}-${at}` };
      await withSettingsLock(store, () => writeKey(store, entry));
      console.log(`${name}-${at}`);
    }
  },
  async settings(name = "", count = "1") {
    for (let at = 0; at < Number(count); at += 1) {
      const profile = `${name}-${at}`;
      await saveProfileField(store, { profile, field: "deployment", value: `dep_${profile}` });
      console.log(profile);
    }
  },
  async login(profile = "", key = "") {
    await saveLogin(store, { profile, key, apiUrl: "https://stage.example.com" });
  },
  /** Holds the lock until it is killed. */
  hold() {
    return files.withLock(join(home, "data", "thing"), async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
  },
  /** Acquires the lock repeatedly; a file that only one process can make would show two with the lock at once. */
  async enter(count = "1") {
    const inside = join(home, "data", "inside");
    for (let at = 0; at < Number(count); at += 1) {
      await files.withLock(join(home, "data", "thing"), async () => {
        writeFileSync(inside, "", { flag: "wx" });
        await new Promise((resolve) => setTimeout(resolve, 1));
        rmSync(inside);
      });
      console.log(at);
    }
  },
  /** How often its own listener receives one SIGINT, once settings have been saved. */
  async interrupt() {
    let heard = 0;
    const isHeard = new Promise<void>((resolve) => {
      process.on("SIGINT", () => {
        heard += 1;
        resolve();
      });
    });
    await saveProfileField(store, { profile: "p", field: "deployment", value: "dep_p" });
    process.kill(process.pid, "SIGINT");
    // Once for certain; after that it may come again.
    await isHeard;
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(heard);
  },
};

Promise.resolve(tasks[task]?.(...rest)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof Error && "exitCode" in error ? Number(error.exitCode) : 99;
});
