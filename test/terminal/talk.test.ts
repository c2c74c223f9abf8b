import { describe, expect, it } from "vitest";
import { addDeployment, call } from "../incident/fleet.js";
import { canFillDisk, fillDisk, freeDisk } from "../support/full-disk.js";
import { keys, talk } from "../support/pty.js";
import { restored, startPlace } from "./place.js";

const { enter, space, tab, down, ctrlU } = keys;

describe("an interactive create on a real terminal", () => {
  it("asks for everything, explains rejections in place, shows a summary and creates", async () => {
    const { open, server, read } = await startPlace();
    for (const name of ["Zeta", "Acme"]) await addDeployment(server, { name, customer: "cus_acme" });
    const terminal = open(["automations", "create"], { env: { HERM_DEPLOYMENT: "" } });
    await terminal.shows("? Deployment");
    const names = terminal.lines().filter((line) => /^[ ❯] \w+$/.test(line));
    expect(names).toEqual(["❯ Acme", "  Local", "  Zeta"]);
    await talk(terminal, [
      ["? Deployment", "local"],
      ["ready · cus_local · dep_local", enter],
      ["? Name", `  ${enter}`],
      ["> it can't be empty", `${ctrlU}Weekly videos${enter}`],
      ["? Schedule (UTC)", `every Mondy at 9am${enter}`],
      ['> "Mondy" doesn\'t fit', `${ctrlU}every Monday at 9am`],
      ["every Monday at 09:00 UTC · 0 9 * * 1", enter],
      ["? Instructions", `Make five variations.${enter}Keep them short.${enter}${enter}`],
      ["? Create it?", `paused${enter}`],
      [`Use Local from now on?`, enter],
    ]);
    const { code, lines, ...state } = await terminal.ended;

    const automation = await read("Weekly videos");
    expect(automation).toMatchObject({
      schedule: "0 9 * * 1",
      instructions: "Make five variations.\nKeep them short.",
      enabled: false,
    });
    expect({ code, ...state }).toEqual({ code: 0, ...restored });
    expect(lines).toEqual([
      "✓ Deployment Local",
      "✓ Name Weekly videos",
      "✓ Schedule (UTC) every Monday at 9am",
      "✓ Instructions Make five variations. (2 lines)",
      "",
      "  name         Local/Weekly videos",
      "  schedule     every Monday at 09:00 UTC",
      "  cron         0 9 * * 1",
      "  instructions",
      "    Make five variations.",
      "    Keep them short.",
      "",
      "✓ Create it? paused",
      `✓ Created Local/Weekly videos  ${automation.automation_id}`,
      "  every Monday at 09:00 UTC  0 9 * * 1",
      "  ○ paused · no next run until it is resumed",
      expect.stringMatching(/^undo: herm undo c_\w{6}$/),
      "the same in one line:",
      `  herm automations create --name 'Weekly videos' --schedule '0 9 * * 1' --instructions "$(printf '%b' 'Make five variations.\\nKeep them short.')" --paused -d dep_local`,
      `hint: to run it now: herm automations trigger dep_local/${automation.automation_id}`,
      "✓ Use Local from now on? No",
    ]);
  });

  it.each([
    ["", "✓ completed in"],
    ["\n@dev fail out of paper", "✗ failed: out of paper after"],
  ])("offers and follows a first run, whose failure isn't the create's: %j", async (line, end) => {
    const { open } = await startPlace();
    const terminal = open(["automations", "create"]);
    const answers = [
      ["? Name", `Weekly videos${enter}`],
      ["? Schedule (UTC)", `every Monday at 9am${enter}`],
      ["? Instructions", `Make five.${line}${enter}${enter}`],
      ["? Create it?", enter],
    ] as const;
    await talk(terminal, [...answers, ["? Run it now?", `y${enter}`]]);
    const { code, lines } = await terminal.ended;
    expect(code).toBe(0);
    expect(lines.join("\n")).toContain(end);
    const second = open(["automations", "create"]);
    await talk(second, [["? Name", `Other${enter}`], ...answers.slice(1)]);
    const { lines: told } = await second.ended;
    expect(told.at(-1)).toMatch(/^hint: to run it now: herm automations trigger dep_local\/auto_\w+$/);
  });

  it("prints a command that restores the answers, after a no and after Esc", async () => {
    const { open, add, all } = await startPlace();
    await add("Weekly videos");
    const refused = open(["automations", "create"]);
    await talk(refused, [
      ["? Name", `Weekly videos${enter}`],
      ["Create another?", `n${enter}`],
    ]);
    const again = "to continue: herm automations create --name 'Weekly videos'";
    expect((await refused.ended).lines).toContain(again);
    const left = open(["automations", "create"]);
    await talk(left, [
      ["? Name", `Digest${enter}`],
      ["? Schedule (UTC)", `@daily${enter}`],
      ["? Instructions", "\x1b"],
    ]);
    const { code, lines } = await left.ended;
    expect(code).toBe(1);
    expect(lines.slice(-2)).toEqual([
      "to continue: herm automations create --name Digest --schedule @daily",
      "nothing changed",
    ]);
    expect(await all()).toHaveLength(1);
  });

  it("asks only for fields without flags", async () => {
    const { open, read } = await startPlace();
    const flags = ["--name", "Weekly videos", "--instructions", "Make five."];
    const terminal = open(["automations", "create", ...flags]);
    await talk(terminal, [["? Schedule (UTC)", `@daily${enter}`]]);
    const { code, lines } = await terminal.ended;

    expect([code, lines[0]]).toEqual([0, "✓ Schedule (UTC) @daily"]);
    expect(await read("Weekly videos")).toMatchObject({ schedule: "0 0 * * *", instructions: "Make five." });
  });
});

describe("a picker on a real terminal", () => {
  it.each([
    ["get", "Make five.", 0, 2],
    ["trigger", "✓ completed in", 0, 2],
    ["delete", "Deleted Weekly videos", 0, 1],
  ])("searches for one automation: %s", async (command, said, code, left) => {
    const { open, add, all } = await startPlace();
    await add("Inbox triage");
    await add("Weekly videos");
    const terminal = open(["automations", command], { rows: 40 });
    await talk(terminal, [
      [`to ${command}?`, "weekly"],
      ["every Monday at 09:00 UTC · ◉ enabled · next ", enter],
      ...(command === "delete" ? [['Delete "Weekly videos"?', `y${enter}`] as const] : []),
    ]);
    const { lines, ...ended } = await terminal.ended;

    expect(lines.join("\n")).toContain(said);
    expect(ended).toEqual({ code, ...restored });
    expect(await all()).toHaveLength(left);
  });

  it("pauses two automations marked in two searches, and explains how to undo that", async () => {
    const { open, add, read } = await startPlace();
    const ids: string[] = [];
    for (const name of ["Inbox triage", "Month-end report", "Weekly videos"]) ids.push(await add(name));
    const terminal = open(["automations", "pause"], { columns: 120 });
    await talk(terminal, [
      ["0 of 3 marked", `inbox${tab}`],
      ["1 of 3 marked", `${ctrlU}`],
      ["❯ ○ Weekly videos", space],
      ["2 of 3 marked", enter],
    ]);
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines.map((line) => line.trimEnd())).toEqual([
      "✓ Which automations to pause? Weekly videos, Inbox triage",
      "NAME           RESULT",
      "Weekly videos  paused",
      "Inbox triage   paused",
      "2 paused",
      expect.stringMatching(/^undo: herm undo c_\w{6}$/),
    ]);
    const enabled = ["Inbox triage", "Month-end report", "Weekly videos"].map(async (name) => read(name));
    expect((await Promise.all(enabled)).map((each) => each.enabled)).toEqual([false, true, false]);
  });

  it("updates marked automations, with the current values as defaults", async () => {
    const { open, add, read } = await startPlace();
    await add("Weekly videos");
    const terminal = open(["automations", "update"]);
    await talk(terminal, [
      ["Which automation to update?", enter],
      ["? What do you want to change?", `${space}${down}${space}${down}${space}${enter}`],
      ["? Name (Weekly videos)", enter],
      ["? Schedule (UTC) (0 9 * * 1)", `every weekday at 18:30${enter}`],
      ["empty keeps: Make five.", `Make six.${enter}${enter}`],
    ]);
    const { code, lines } = await terminal.ended;

    expect(code).toBe(0);
    expect(lines).toEqual(
      expect.arrayContaining([
        "✓ What do you want to change? Name, Schedule, Instructions",
        "  schedule      0 9 * * 1 → 30 18 * * 1-5",
        "  instructions  Make five. → Make six.",
      ]),
    );
    expect(lines.at(-1)).toMatch(/^undo: herm undo c_\w{6}$/);
    expect(await read("Weekly videos")).toMatchObject({
      schedule: "30 18 * * 1-5",
      instructions: "Make six.",
    });
  });
});

describe("a terminal without a chosen deployment", () => {
  const env = { HERM_DEPLOYMENT: "" };

  it("lists all deployments, like status, but no deployment column if only one exists", async () => {
    const { open, server, add } = await startPlace();
    await add("Weekly videos");
    const one = await open(["automations", "list"], { env }).ended;
    expect(one.lines[0]).toMatch(/^NAME +SCHEDULE/);
    const acme = await addDeployment(server, { name: "Acme", customer: "cus_acme" });
    await call(server, "POST", `/v1/deployments/${acme}/automations`, weekly);
    const { code, lines } = await open(["automations", "list"], { env }).ended;
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^DEPLOYMENT +NAME/);
    expect(lines.slice(1, 3).map((line) => line.split(/ +/, 2).join(" "))).toEqual([
      "Acme Weekly",
      "Local Weekly",
    ]);
    expect(lines.at(-1)).toBe("2 automations in 2 deployments");
  });

  it("answers the waiting runs of all deployments, and says if there are none", async () => {
    const { open, server } = await startPlace();
    const none = await open(["runs", "answer"], { env }).ended;
    expect(none).toMatchObject({ code: 0, lines: ["no run is waiting for an answer"] });
    const acme = await addDeployment(server, { name: "Acme", customer: "cus_acme" });
    const asks = { ...weekly, instructions: "@dev ask Publish five?" };
    const made = await call(server, "POST", `/v1/deployments/${acme}/automations`, asks);
    const automation = `${acme}/${made.body.automation_id}`;
    await open(["automations", "trigger", automation, "--no-follow"], { env }).ended;
    await expect
      .poll(
        async () =>
          (await call(server, "GET", `/v1/deployments/${automation.replace("/", "/automations/")}`)).body,
      )
      .toMatchObject({ last_run_status: "waiting_on_human" });
    const terminal = open(["runs", "answer"], { env });
    await talk(terminal, [
      ["Your answer", `yes${enter}`],
      ['Send "yes" to Acme/Weekly?', `y${enter}`],
    ]);
    const { code, lines } = await terminal.ended;
    expect(code).toBe(0);
    expect(lines.join("\n")).toMatch(/1 of 1 Weekly · Acme · dep_\w+\/run_\w+.*✓ Answered Acme\/Weekly/s);
  });
});

const weekly = { name: "Weekly", schedule: "0 9 * * 1", instructions: "Make five." };

// The system ends a process that doesn't catch it, and the prompt no longer catches it.
it.runIf(canFillDisk)("a file size limit after a question is reported, and stops any request", async () => {
  const { open, add, read } = await startPlace();
  await add("Weekly videos");
  fillDisk();
  const terminal = open(["automations", "delete", "Weekly videos"], { columns: 300 });
  freeDisk();
  await talk(terminal, [['Delete "Weekly videos"?', `y${enter}`]]);
  const { code, lines } = await terminal.ended;
  expect(lines.join("\n")).toMatch(
    /^error: nothing was sent, because it couldn't be recorded: .* \(EFBIG\)$/m,
  );
  expect(code).toBe(6);
  expect(await read("Weekly videos")).toMatchObject({ name: "Weekly videos" });
});
