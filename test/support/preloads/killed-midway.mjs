/** Loaded before the command in tests: kills it right before the KILL_AT-th call that changes a file. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env.KILL_AT);
const killing = (call) =>
  function (...given) {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    return call.apply(this, given);
  };
for (const name of [
  "linkSync",
  "mkdirSync",
  "renameSync",
  "rmSync",
  "unlinkSync",
  "writeFileSync",
  "writeSync",
]) {
  fs[name] = killing(fs[name]);
}
syncBuiltinESMExports();
