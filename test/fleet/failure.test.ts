import { expect, it } from "vitest";
import { PartialFailureError } from "../../src/errors.js";
import { failureOf } from "../../src/fleet/failure.js";
import type { ItemResult } from "../../src/fleet/outcome.js";

const done: ItemResult<string, string> = { item: "a", outcome: { result: "done", value: "a" } };
const skipped = (reason: "API unreachable" | "interrupted"): ItemResult<string, string> => ({
  item: "b",
  outcome: { result: "skipped", reason },
});

it("is a failure that something was never started, although nothing failed", () => {
  const failure = failureOf([done, skipped("API unreachable"), skipped("API unreachable")]);
  expect(failure).toBeInstanceOf(PartialFailureError);
  expect(failure).toMatchObject({ message: "2 of 3 not started", exitCode: 8 });
});

it("leaves what an interruption kept from being started to the interruption", () => {
  expect(failureOf([done, skipped("interrupted")])).toBeUndefined();
});
