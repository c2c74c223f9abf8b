import { readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { addAutomation } from "../incident/fleet.js";
import { openStage } from "../support/stage.js";
import { draw, pictureFile, pictures } from "./pictures.js";
import { readPicture } from "./svg.js";

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
    expect(statSync(pictureFile(name)).size).toBeLessThan(100_000);
    const addresses = readFileSync(pictureFile(name), "utf8").match(
      /\bhref\b|url\(|@import|\w+:\/\/[^"<\s]+/g,
    );
    expect(addresses).toEqual(["http://www.w3.org/2000/svg"]);
    expect(readFileSync(pictureFile(name), "utf8")).not.toMatch(/<(script|image|foreignObject|a)\b|\son\w+=/);
  });
});

it("a command that goes on is drawn as it stands, on a whole screen", async () => {
  const size = { columns: 80, rows: 24 };
  const stage = await openStage({ ...size, deployment: "dep_local" });
  onTestFinished(stage.close);
  await addAutomation(stage.server, { name: "Weekly videos" });
  const record = () =>
    stage.moment(["automations", "list", "--watch"], (terminal) => terminal.shows("q ends"));
  const svg = await draw({ title: "A list that is watched", ...size, record });
  expect(readPicture(svg).text.split("\n")).toEqual([
    expect.stringMatching(/^ {3}NAME +SCHEDULE \(UTC\)/),
    expect.stringMatching(/^ {3}Weekly videos .+ auto_162dpyqxyipk$/),
    expect.stringMatching(/^1 automation · q ends · updated \d\d:\d\d:\d\d$/),
  ]);
  expect(svg).toContain('width="704" height="526"');
});
