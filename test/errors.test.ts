import { describe, expect, it } from "vitest";
import {
  CliError,
  exitCodes,
  InterruptedError,
  NotPossibleError,
  QuietExit,
  UsageError,
} from "../src/errors/cli-errors.js";

describe("an error", () => {
  it.each([
    [new UsageError("x"), 2, "usage"],
    [new NotPossibleError("x", { hint: "y" }), 6, "conflict"],
    [new InterruptedError("SIGHUP"), 129, "interrupted"],
    [new InterruptedError("SIGQUIT"), 131, "interrupted"],
    [new InterruptedError("SIGTERM"), 143, "interrupted"],
    [new InterruptedError(), 130, "interrupted"],
    [new QuietExit(exitCodes.found), 9, "exit"],
  ])("%o makes herm exit with %i", (error, exitCode, code) => {
    expect(error).toBeInstanceOf(CliError);
    expect({ exitCode: error.exitCode, code: error.code }).toEqual({ exitCode, code });
  });
});
