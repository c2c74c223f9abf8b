import type { ProcessIdentity } from "../../src/files/lock.js";

/** The process that runs the tests. */
export const self: ProcessIdentity = {
  uid: process.getuid?.(),
  pid: process.pid,
  isRunning(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return error instanceof Error && "code" in error && error.code === "EPERM";
    }
  },
};
