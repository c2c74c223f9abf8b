import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readmeFile, readmeWithScreens } from "./readme.js";

it("the README's screens are what the command shows; npm run screens writes them", async () => {
  expect(await readmeWithScreens()).toBe(readFileSync(readmeFile, "utf8"));
});
