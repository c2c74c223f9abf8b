import { readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { draw, pictureFile, pictures } from "./pictures.js";

describe("the pictures that npm run screens makes", () => {
  it.each(Object.entries(pictures))("%s is what the command shows today", async (name, picture) => {
    expect(await draw(picture)).toBe(readFileSync(pictureFile(name), "utf8"));
  });

  it("are all that lie here", () => {
    const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".svg"));
    expect(files).toEqual(
      Object.keys(pictures)
        .map((name) => `${name}.svg`)
        .toSorted(),
    );
  });

  it.each(Object.keys(pictures))("%s is small, and neither loads nor runs anything", (name) => {
    expect(statSync(pictureFile(name)).size).toBeLessThan(40_000);
    const addresses = readFileSync(pictureFile(name), "utf8").match(
      /\bhref\b|url\(|@import|\w+:\/\/[^"<\s]+/g,
    );
    expect(addresses).toEqual(["http://www.w3.org/2000/svg"]);
    expect(readFileSync(pictureFile(name), "utf8")).not.toMatch(/<(script|image|foreignObject|a)\b|\son\w+=/);
  });
});
