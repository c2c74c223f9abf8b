import { readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { addAutomation } from "../incident/fleet.js";
import { openStage } from "../support/stage.js";
import { draw, pictureFile, pictures } from "./pictures.js";
import { readPicture } from "./svg.js";

describe("the pictures from npm run screens", () => {
  it.each(Object.entries(pictures))("include %s as the command draws it today", async (name, picture) => {
    expect(await draw(picture)).toBe(readFileSync(pictureFile(name), "utf8"));
  });

  it("are the only files in their folder", () => {
    const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".svg"));
    expect(files).toEqual(
      Object.keys(pictures)
        .map((name) => `${name}.svg`)
        .toSorted(),
    );
  });

  it.each(Object.keys(pictures))("include %s, which is small and loads or runs no other file", (name) => {
    expect(statSync(pictureFile(name)).size).toBeLessThan(100_000);
    const addresses = readFileSync(pictureFile(name), "utf8").match(
      /\bhref\b|url\(|@import|\w+:\/\/[^"<\s]+/g,
    );
    expect(addresses).toEqual(["http://www.w3.org/2000/svg"]);
    expect(readFileSync(pictureFile(name), "utf8")).not.toMatch(/<(script|image|foreignObject|a)\b|\son\w+=/);
  });
});

it("an endless command is drawn as is, on a full screen", async () => {
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
