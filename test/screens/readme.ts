import { readFileSync } from "node:fs";
import { commandLines } from "../../src/help/layout.js";
import { addAutomation, addDeployment, call } from "../incident/fleet.js";
import { openStage } from "../support/stage.js";
import { documentFile, withPart } from "../support/written-part.js";

export const readmeFile = documentFile("README.md");
const columns = 80;

/** README.md with the screens as the built command shows them now, each in its part. */
export async function readmeWithScreens(): Promise<string> {
  const screens = { ...(await firstScreens()), drift: await driftScreen(), incident: await incidentScreen() };
  return Object.entries(screens).reduce(
    (text, [name, screen]) =>
      withPart(text, { name: `screen: ${name}`, content: `\`\`\`\n${folded(screen)}\n\`\`\`` }),
    readFileSync(readmeFile, "utf8"),
  );
}

/** The screen with its command line as a person would fold it. */
function folded(screen: string): string {
  return screen.replace(
    /^\$ (.+)/,
    (_, line: string) => `$${commandLines(line, columns).join("\n").slice(1)}`,
  );
}

/** A first automation, its run, and the list. */
async function firstScreens(): Promise<Record<"first" | "run" | "list", string>> {
  const stage = await openStage({ columns, deployment: "dep_local" });
  const { screen, pass, server } = stage;
  try {
    const weekly = "Weekly video variations";
    const flags = ["--name", weekly, "--schedule", "every Monday at 9am"];
    const instructions = "Make five variations of last week's best video.";
    const first = await screen(["automations", "create", ...flags, "--instructions", instructions]);
    await addAutomation(server, { name: "Inbox triage", schedule: "*/15 9-16 * * 1-5", enabled: false });
    await pass(60);
    const report = {
      name: "Month-end report",
      schedule: "30 7 1 * *",
      instructions: "@dev fail the ledger is locked",
    };
    const id = await addAutomation(server, report);
    await call(server, "POST", `/v1/deployments/dep_local/automations/${id}/trigger`);
    await pass(7200);
    const run = await screen(["automations", "trigger", weekly]);
    await pass(240);
    return { first, run, list: await screen(["automations", "list"]) };
  } finally {
    await stage.close();
  }
}

const defaults = `automations:
  - name: Weekly videos
    schedule: every Monday at 9am
    instructions: Make five variations.
  - name: Inbox triage
    schedule: every 15 minutes
    instructions: Sort the inbox.
removed: [Old cleanup]
`;

/** What differs from files, by two people's changes since they were applied. */
async function driftScreen(): Promise<string> {
  const stage = await openStage({ columns });
  const { screen, server, write } = stage;
  try {
    const deployments: string[] = [];
    for (const name of ["Acme", "Bolt", "Core"]) deployments.push(await addDeployment(server, { name }));
    write("automations/defaults.yaml", defaults);
    const [acme = "", bolt = ""] = deployments;
    for (const deployment of deployments.slice(1)) {
      const instructions = "Make five variations.";
      const schedule = deployment === bolt ? "0 10 * * 1" : "0 9 * * 1";
      await addAutomation(server, { deployment, name: "Weekly videos", schedule, instructions });
    }
    for (const deployment of deployments) {
      const fields = { deployment, schedule: "*/15 * * * *", instructions: "Sort the inbox." };
      await addAutomation(server, { ...fields, name: "Inbox triage" });
    }
    await addAutomation(server, { deployment: acme, name: "Old cleanup" });
    return await screen(["automations", "diff", "--file", "automations", "--customer", "cus_1"]);
  } finally {
    await stage.close();
  }
}

/** An incident from its pause to its proof, on a small fleet. */
async function incidentScreen(): Promise<string> {
  const stage = await openStage({ columns });
  const { screen, server, pass } = stage;
  try {
    const deployments: string[] = [];
    const triages: string[] = [];
    for (const name of ["Acme", "Bolt", "Core"]) deployments.push(await addDeployment(server, { name }));
    for (const deployment of deployments) {
      const fields = { deployment, instructions: "@dev wait 100000" };
      triages.push(
        await addAutomation(server, { ...fields, name: "Inbox triage", schedule: "*/15 * * * *" }),
      );
      await addAutomation(server, { ...fields, name: "Weekly videos", schedule: "0 9 * * 1" });
      await addAutomation(server, { ...fields, name: "Report to sales", schedule: "0 7 1 * *" });
      await pass(60);
    }
    const [deployment = ""] = deployments;
    await addAutomation(server, { deployment, name: "Old cleanup", enabled: false });
    await call(server, "POST", `/v1/deployments/${deployment}/automations/${triages[0]}/trigger`);
    await pass(300);
    const pause = ["pause", "--all-deployments", "--incident", "INC-42", "--reason", "bad model", "--yes"];
    const paused = await screen(["automations", ...pause]);
    await pass(120);
    const shown = await screen(["incidents", "show", "INC-42"]);
    return [paused, shown].join("\n\n");
  } finally {
    await stage.close();
  }
}
