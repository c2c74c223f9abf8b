import { expect, it } from "vitest";
import { reasonFlag } from "../../src/command/flags.js";
import { declarations } from "../support/declarations.js";

it("--reason is a flag of every command that makes changes, and of no other", () => {
  const all = Object.entries(declarations);
  const asked = all.filter(([, { flags }]) => flags?.reason?.read === reasonFlag.read);
  const changing = all.filter(([, { effect }]) => effect === "changes" || effect === "destroys");
  expect(asked.map(([name]) => name)).toEqual(changing.map(([name]) => name));
  expect(asked.length).toBeGreaterThan(10);
});
