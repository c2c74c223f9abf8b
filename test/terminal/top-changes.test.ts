import { describe, expect, it } from "vitest";
import { addAutomation, addFault, call } from "../incident/fleet.js";
import { leaveTop, type Place, startPlace, until } from "./place.js";

const enter = "\r";
const ctrlC = "\x03";

const bottomIs = (text: string) => (lines: string[]) =>
  lines[0]?.startsWith("herm top") === true && lines.at(-1)?.startsWith(text) === true;

async function trigger({ server }: Place, id: string): Promise<void> {
  await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`, {});
}

describe("a change on the live screen", () => {
  it("needs a yes to pause or resume, and prints how to undo both", async () => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type("p");
    await until(terminal, bottomIs("Pause Digest?"));
    terminal.type("y");
    await until(terminal, bottomIs("Digest is paused"));
    expect(await place.read("Digest")).toMatchObject({ enabled: false });
    await until(terminal, (lines) => lines[3]?.includes("○ paused") === true);
    terminal.type("r");
    await until(terminal, bottomIs("Resume Digest?"));
    terminal.type("y");
    await until(terminal, bottomIs("Digest is enabled"));
    expect(await place.read("Digest")).toMatchObject({ enabled: true });
    const left = await leaveTop(terminal);
    expect(left).toMatch(/Paused.*Digest[\s\S]*undo: herm undo c_\w{6}/);
    expect(left).toMatch(/Resumed.*Digest[\s\S]*undo: herm undo c_\w{6}/);
  });

  it.each([
    ["n", "n"],
    ["Enter", enter],
    ["a pasted y", "\x1b[200~y\x1b[201~"],
    ["Esc", "\x1b"],
  ])("doesn't happen after %s", async (_case, answer) => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type("p");
    await until(terminal, bottomIs("Pause Digest?"));
    terminal.type(answer);
    await until(terminal, bottomIs("nothing changed"));
    expect(await place.read("Digest")).toMatchObject({ enabled: true });
    await leaveTop(terminal);
  });

  it("acts on the automation named in the question, even if its row has moved", async () => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type("p");
    await until(terminal, bottomIs("Pause Digest?"));
    await addAutomation(place.server, { name: "Another" });
    await until(terminal, (lines) => lines[3]?.includes("Another") === true);
    terminal.type("y");
    await until(terminal, bottomIs("Digest is paused"));
    expect(await place.read("Another")).toMatchObject({ enabled: true });
    expect(await place.read("Digest")).toMatchObject({ enabled: false });
    await leaveTop(terminal);
  });

  it("is refused during a freeze unless it is a pause", async () => {
    const place = await startPlace();
    await addAutomation(place.server, { name: "Digest", enabled: false });
    const terminal = place.open(["top"], { env: { HERM_FREEZE: "INC-42 is open" } });
    await until(terminal, bottomIs("? keys"));
    for (const key of ["r", "t"]) {
      terminal.type(key);
      await until(terminal, bottomIs("frozen: INC-42 is open"));
      terminal.type("j");
      await until(terminal, bottomIs("? keys"));
    }
    terminal.type("p");
    await until(terminal, bottomIs("Digest is already paused"));
    await leaveTop(terminal);
  });

  it("may be a new run after a yes, which can be followed", async () => {
    const place = await startPlace();
    await place.add("Digest");
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type(enter);
    await until(terminal, bottomIs("Digest has no runs yet; t runs it"));
    terminal.type("t");
    await until(terminal, bottomIs("Trigger Digest?"));
    terminal.type("y");
    await until(terminal, bottomIs("Digest is running; ⏎ follows it"));
    await until(terminal, (lines) => lines[3]?.includes("✓") === true);
    terminal.type(enter);
    await terminal.shows("press any key to go back to herm top");
    expect(terminal.lines().join("\n")).toContain("Working on: Make five.");
    terminal.type("x");
    await until(terminal, bottomIs("? keys"));
    expect(await leaveTop(terminal)).toContain("✓ completed");
  });

  it("leaves the screen usable while its row shows the check for a lost response", async () => {
    const place = await startPlace();
    const path = `/v1/deployments/dep_local/automations/${await place.add("Digest")}`;
    await place.add("Weekly");
    const terminal = place.open(["top"], { columns: 100 });
    await until(terminal, bottomIs("? keys"));
    terminal.type("t");
    await until(terminal, bottomIs("Trigger Digest?"));
    const lost = { type: "commit_then_fail", status: 504 };
    await addFault(place.server, { method: "POST", path: `${path}/trigger`, action: lost });
    await addFault(place.server, { method: "GET", path, count: null, action: { type: "delay", ms: 2000 } });
    terminal.type("y");
    const checking = /^ {2}Digest {2}no answer: checking until \d\d:\d\d:\d\d whether it was done$/;
    await until(terminal, (lines) => lines[3]?.includes("no answer") === true);
    terminal.type("j");
    const [, , , digest, weekly] = await until(
      terminal,
      (lines) => lines[4]?.startsWith("› Weekly") === true,
    );
    expect([digest, weekly]).toEqual([
      expect.stringMatching(checking),
      expect.stringMatching(/every Monday at 09:00/),
    ]);
    await until(terminal, bottomIs("Digest is running; ⏎ follows it"));
    expect(terminal.lines()[3]).toMatch(/^ {2}Digest +every Monday at 09:00/);
    expect(await leaveTop(terminal)).toMatch(/no answer: checking until[\s\S]*confirmed by a check/);
  });

  it("ends with Ctrl-C while its run continues", async () => {
    const place = await startPlace();
    await trigger(place, await place.add("Digest", { instructions: "@dev wait 100000" }));
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type(enter);
    await terminal.shows("q goes back, and the run continues");
    terminal.type(ctrlC);
    await until(terminal, bottomIs("? keys"));
    await leaveTop(terminal);
  });

  it("may be an answer to a waiting run, which Ctrl-C cancels", async () => {
    const place = await startPlace();
    const id = await place.add("Digest", { instructions: "@dev ask Publish five?" });
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type("a");
    await until(terminal, bottomIs("Digest is not waiting for an answer"));
    await trigger(place, id);
    await until(terminal, (lines) => lines[3]?.includes("? waiting") === true);
    terminal.type("a");
    await terminal.shows("Your answer");
    const asked = terminal.lines().findIndex((line) => line.includes("Your answer"));
    expect(terminal.lines().slice(0, asked)).toContain("Digest");
    expect(terminal.lines().join("\n")).toContain("Publish five?");
    terminal.type(ctrlC);
    await until(terminal, bottomIs("nothing changed"));
    terminal.type("a");
    await until(terminal, (lines) => lines.filter((line) => line.includes("Your answer")).length === 2);
    terminal.type(`yes${enter}`);
    await terminal.shows('Send "yes" to Digest');
    terminal.type(`n${enter}`);
    await terminal.shows("? Your answer (y, n or text) yes");
    terminal.type(`, please${enter}`);
    await terminal.shows('Send "yes, please" to Digest');
    terminal.type(`y${enter}`);
    await until(terminal, bottomIs("answered Digest"));
    await until(terminal, (lines) => lines[3]?.includes("✓") === true);
    await leaveTop(terminal);
  });

  it("may be an answer to an older run's question", async () => {
    const place = await startPlace();
    const id = await place.add("Digest", { instructions: "@dev ask Publish five?" });
    await trigger(place, id);
    const path = `/v1/deployments/dep_local/automations/${id}`;
    await expect.poll(() => place.read("Digest")).toMatchObject({ last_run_status: "waiting_on_human" });
    await call(place.server, "PATCH", path, { instructions: "Make five." });
    await trigger(place, id);
    await expect.poll(() => place.read("Digest")).toMatchObject({ last_run_status: "completed" });
    const terminal = place.open(["top"]);
    await terminal.shows("an older run is waiting: a answers");
    await terminal.shows("asks      Publish five?");
    terminal.type("a");
    await terminal.shows("Your answer");
    terminal.type(`yes${enter}`);
    await terminal.shows('Send "yes" to Digest');
    terminal.type(`y${enter}`);
    await until(terminal, bottomIs("answered Digest"));
    await until(terminal, (lines) => !lines.join("\n").includes("asks      Publish"));
    await leaveTop(terminal);
  });

  it("reports the API's rejection, and stays on the screen", async () => {
    const place = await startPlace();
    const id = await place.add("Digest");
    const terminal = place.open(["top"]);
    await until(terminal, bottomIs("? keys"));
    terminal.type("p");
    await until(terminal, bottomIs("Pause Digest?"));
    await call(place.server, "DELETE", `/v1/deployments/dep_local/automations/${id}`);
    terminal.type("y");
    await until(terminal, bottomIs(`no such automation: dep_local/${id}`));
    await leaveTop(terminal);
  });
});
