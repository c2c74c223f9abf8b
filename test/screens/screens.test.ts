import { describe, expect, it, onTestFinished } from "vitest";
import { addAutomation, addDeployment, call } from "../incident/fleet.js";
import { keys, talk } from "../support/pty.js";
import { openStage, type Stage } from "../support/stage.js";

const { enter } = keys;
const here = "dep_local";

/** Automations of every kind: running, failing, waiting, paused, with long names and names in other scripts. */
async function fill({ server, pass }: Stage): Promise<void> {
  const add = async (name: string, schedule: string, instructions: string, enabled = true) => {
    const id = await addAutomation(server, { name, schedule, instructions, enabled });
    await pass(60);
    return id;
  };
  const trigger = async (id: string) => {
    await call(server, "POST", `/v1/deployments/${here}/automations/${id}/trigger`);
    await pass(240);
  };
  await add("Inbox triage", "*/15 9-16 * * 1-5", "Sort the inbox.", false);
  const weekly = await add(
    "Weekly video variations",
    "0 9 * * 1",
    "Look at our top-performing influencer video from last week and make five variations of it, each for another audience.\n\nKeep the hook, change the setting.",
  );
  const report = await add(
    "Month-end report",
    "30 7 1 * *",
    "Add up the month.\n@dev wait 63\n@dev fail the ledger is locked",
  );
  await add("動画の要約 🎬", "0 7 * * *", "動画を要約してください。");
  const publish = await add(
    "Publish the drafts that were approved by the editors during the week",
    "0 16 * * 5",
    "Publish the drafts.\n@dev ask Publish all five to the main channel?",
  );
  for (const id of [weekly, report, weekly, publish]) await trigger(id);
}

describe.each([80, 120])("the screens at %i columns", (columns) => {
  const golden = (name: string) => `../fixtures/screens/${name}.${columns}.txt`;

  it("fit create, list, get, runs list, and a followed run with an answer", async () => {
    const stage = await openStage({ columns, isFolded: true, deployment: here });
    onTestFinished(stage.close);
    const { screen } = stage;
    const create = await screen(["automations", "create"], (terminal) =>
      talk(terminal, [
        ["? Name", `Morning brief${enter}`],
        ["? Schedule (UTC)", `every weekday at 7:30am${enter}`],
        [
          "empty last line ends",
          `Read what came in over night.${enter}Sum it up in five lines.${enter}${enter}`,
        ],
        ["Create it?", enter],
        ["Run it now", enter],
      ]),
    );
    await fill(stage);
    const list = await screen(["automations", "list"]);
    const get = await screen(["automations", "get", "Weekly video variations"]);
    const runs = await screen(["runs", "list"]);
    await addAutomation(stage.server, {
      name: "Share the best",
      instructions:
        "Share the best video of last week with everybody who asked for it.\n@dev ask Share it with all 214 people?",
    });
    const follow = await screen(["automations", "trigger", "Share the best"], (terminal) =>
      talk(terminal, [["Your answer", `only with the customers${enter}`]]),
    );
    await expect(`${create}\n`).toMatchFileSnapshot(golden("create"));
    await expect(`${list}\n`).toMatchFileSnapshot(golden("list"));
    await expect(`${get}\n`).toMatchFileSnapshot(golden("get"));
    await expect(`${runs}\n`).toMatchFileSnapshot(golden("runs-list"));
    await expect(`${follow}\n`).toMatchFileSnapshot(golden("follow"));
  });

  it("fit a fleet's pause, and its proof", async () => {
    const stage = await openStage({ columns, isFolded: true });
    onTestFinished(stage.close);
    const { server, pass, screen } = stage;
    for (const name of ["Acme", "Bolt"]) {
      const deployment = await addDeployment(server, { name });
      await addAutomation(server, { deployment, name: "Inbox triage", schedule: "*/15 * * * *" });
      await addAutomation(server, { deployment, name: "Report to sales", schedule: "0 7 1 * *" });
      await pass(60);
    }
    await addAutomation(server, { name: "Old cleanup", enabled: false });
    const pause = [
      "automations",
      "pause",
      "--all-deployments",
      "--incident",
      "INC-42",
      "--reason",
      "bad model",
    ];
    const paused = await screen(pause, (terminal) => talk(terminal, [["Pause 4 automations", `y${enter}`]]));
    await pass(90);
    const shown = await screen(["incidents", "show", "INC-42"]);

    await expect(`${paused}\n`).toMatchFileSnapshot(golden("pause"));
    await expect(`${shown}\n`).toMatchFileSnapshot(golden("incidents-show"));
  });
});
