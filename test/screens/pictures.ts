import { documentFile } from "../support/written-part.js";
import { cellsOf, type RecordingSize } from "./cells.js";
import {
  auditScene,
  columns,
  createScene,
  diffScene,
  incidentScene,
  listScene,
  runScene,
  statusScene,
  topRows,
  topScene,
} from "./scenes.js";
import { svgOf } from "./svg.js";

/** What a terminal of this size shows of the built command. */
interface Picture extends RecordingSize {
  /** In a sentence, what is to be seen: README says it to whoever doesn't see it. */
  title: string;
  /** What the terminal gets; where time stands still, so that it is the same every time. */
  record(): Promise<string>;
}

/** By the names of their files. */
export const pictures: Readonly<Record<string, Picture>> = {
  list: {
    title:
      "A table of six automations: when each runs next, how its last run ended, which one is failing, paused or waits for an answer",
    columns,
    record: listScene,
  },
  run: {
    title:
      "A run as it happens: what the agent says, the tool it calls, the question it asks, the answer typed below it, and how it ended",
    columns,
    record: runScene,
  },
  create: {
    title: "An automation is created from words, and its next run shown in local time",
    columns,
    record: createScene,
  },
  diff: {
    title:
      "What applying files would change: in one deployment a schedule, in another an automation to create and one to delete",
    columns,
    record: diffScene,
  },
  status: {
    title:
      "A fleet of 300 automations on one screen: how many automations are enabled, paused and running, what runs within the hour, and below it what waits, what failed and what is late, with the question, the error and the time",
    columns,
    record: statusScene,
  },
  top: {
    title:
      "Twelve deployments on one live screen: the automations that wait, fail or are late stand first, and below them what the selected one asks, its runs, its schedule and the keys",
    columns,
    rows: topRows,
    record: topScene,
  },
  audit: {
    title:
      "Which scheduled runs of two days weren't on time: missed and late while the server was down, unknown while an incident had paused it, overlapping where a run took longer than its interval; the counts and how far back runs are known below",
    columns,
    record: auditScene,
  },
  incident: {
    title:
      "A fleet is paused under the name of an incident, with what would run soon and the command that undoes it; two minutes later the incident holds",
    columns,
    record: incidentScene,
  },
};

export const pictureFile = (name: string): string => documentFile(`test/screens/${name}.svg`);

/** The picture as the built command gives it now. */
export async function draw({ record, ...picture }: Picture): Promise<string> {
  return svgOf(await cellsOf(await record(), picture), picture);
}
