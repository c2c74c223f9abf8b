import { seed } from "../../src/dev-server/example/seed.js";
import { readingMs, story } from "../demo/story.js";
import { addAutomation, addDeployment } from "../incident/fleet.js";
import { keys, talk } from "../support/pty.js";
import { openStage, prompt, type Stage, type StageOptions } from "../support/stage.js";

export const columns = 80;
const here = "dep_local";

/** The terminal's output in a scene, after which the stage is removed. */
async function onStage<T>(
  options: Omit<StageOptions, "columns">,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await openStage({ columns, ...options });
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}

const report = "Report to sales";

/** A run that asks a question and gets an answer. */
export const runScene = () =>
  onStage({ deployment: here }, async ({ server, recording }) => {
    const question = "Send it to all 42 people in sales?";
    const instructions = `Sum up last week's numbers in five lines.\n@dev ask ${question}`;
    await addAutomation(server, { name: report, instructions });
    return await recording(["automations", "trigger", report], (terminal) =>
      talk(terminal, [["Your answer", `to the team leads first${keys.enter}`]]),
    );
  });

const manifest = `automations:
  - name: Weekly videos
    schedule: every Monday at 9am
    instructions: Make five variations.
  - name: Inbox triage
    schedule: every 15 minutes
    instructions: Sort the inbox.
removed: [Old cleanup]
`;

/** The differences from the files after two people's changes since the last apply. */
export const diffScene = () =>
  onStage({}, async ({ server, write, recording }) => {
    const deployments: string[] = [];
    for (const name of ["Acme", "Bolt", "Core"]) deployments.push(await addDeployment(server, { name }));
    write("automations/defaults.yaml", manifest);
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
    return await recording(["diff", "--file", "automations", "--customer", "cus_1"]);
  });

/** Everything that a terminal has received, and how long that is shown. */
export interface Shot {
  recording: string;
  seconds: number;
}

export const filmRows = 24;

/** The parts of the demo's story in the film: each command is typed word by word, and shown long enough to read. */
export const storyScene = async () =>
  onStage({ rows: filmRows, seed }, async ({ pass, recording }) => {
    const shots: Shot[] = [];
    // The runs due at the start have ended by then, however slow the machine is.
    await pass(60);
    for (const step of story) {
      if (!("lines" in step) || !step.isFilmed) continue;
      const typed = `# ${step.why}\r\n${prompt(step.words, columns)}`;
      for (const { index } of typed.matchAll(/(?<=\$.*\S) /gs))
        shots.push({ recording: typed.slice(0, index), seconds: 0.1 });
      shots.push({ recording: typed, seconds: 0.8 });
      const shown = await recording(step.words);
      shots.push({ recording: `# ${step.why}\r\n${shown}`, seconds: readingMs(step.lines) / 1000 });
      await pass(60);
    }
    return shots;
  });

export const topRows = 24;

/** The example fleet on the live screen: some are waiting, some failed, some are overdue. */
export const topScene = async () =>
  onStage({ rows: topRows, seed }, ({ moment }) =>
    moment(["top"], async (terminal) => {
      const isWhole = () => {
        const lines = terminal.lines();
        const labels = ["asks", "runs", "next"].every((label) =>
          lines.some((line) => line.startsWith(label)),
        );
        const shown = labels && lines.some((line) => line.includes("failing ×9"));
        // It listens to eight at once; the runs due at the start have ended.
        return shown && /, 8 live, \d+ slower/.test(lines[0] ?? "") && !/running/.test(lines[1] ?? "");
      };
      while (!isWhole()) await terminal.moves();
    }),
  );
