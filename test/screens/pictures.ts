import { documentFile } from "../support/written-part.js";
import { cellsOf, type RecordingSize } from "./cells.js";
import {
  columns,
  diffScene,
  filmRows,
  runScene,
  type Shot,
  storyScene,
  topRows,
  topScene,
} from "./scenes.js";
import { type Frame, filmOf, svgOf } from "./svg.js";

/** The built command on a terminal of this size. */
interface Picture extends RecordingSize {
  /** One sentence about the picture, which the README has for readers who can't see it. */
  title: string;
  /** The terminal's input, or one for each screen of a film. Time stands still there, so that it is always the same. */
  record(): Promise<string | readonly Shot[]>;
}

/** By file name. */
export const pictures: Readonly<Record<string, Picture>> = {
  story: {
    title:
      "An incident in six commands: the fleet's status, what a pause would stop, the pause, one automation that a colleague switches on, the check that finds it, and the resume of exactly what ran before",
    columns,
    rows: filmRows,
    record: storyScene,
  },
  run: {
    title:
      "A run as it happens: what the agent says, the tool it calls, the question it asks, the answer typed below it, and how it ended",
    columns,
    record: runScene,
  },
  diff: {
    title:
      "What applying files would change: in one deployment a schedule, in another an automation to create and one to delete",
    columns,
    record: diffScene,
  },
  top: {
    title:
      "Fifteen deployments on one live screen: the automations that wait, fail or are overdue stand first, and below them what the selected one asks, its runs, its schedule and the keys",
    columns,
    rows: topRows,
    record: topScene,
  },
};

export const pictureFile = (name: string): string => documentFile(`test/screens/${name}.svg`);

/** The picture as the built command draws it now. */
export async function draw({ record, ...picture }: Picture): Promise<string> {
  const recorded = await record();
  if (typeof recorded === "string") return svgOf(await cellsOf(recorded, picture), picture);
  const frames: Frame[] = [];
  for (const { recording, seconds } of recorded)
    frames.push({ rows: await cellsOf(recording, picture), seconds });
  return filmOf(frames, picture);
}
