import { expect, it } from "vitest";
import type { JobControl } from "../../src/context/context.js";
import { keys, openSession } from "../support/prompt-session.js";

/** The process as a job in a shell; its stop only notifies this process, so that the tests continue. */
function jobThatGoesOn(): { jobControl: JobControl; stopped: Promise<void> } {
  const stopped = new Promise<void>((resolve) => {
    process.once("SIGTSTP", () => resolve());
  });
  const listen: JobControl["listen"] = ({ onContinue = () => undefined }) => {
    process.on("SIGCONT", onContinue);
    return () => void process.off("SIGCONT", onContinue);
  };
  return { jobControl: { listen, stop: () => undefined }, stopped };
}

it.each([
  ["a key", (prompts) => prompts.password({ message: "Key" })],
  ["yes or no", (prompts) => prompts.confirm({ message: "Go on?" })],
  ["a name", (prompts) => prompts.input({ message: "Name" })],
] satisfies [string, (prompts: ReturnType<typeof openSession>["prompts"]) => Promise<unknown>][])(
  "a continued question reads keys one by one before its next print: %s",
  async (_what, ask) => {
    const { jobControl, stopped } = jobThatGoesOn();
    const { prompts, keyboard, type, written } = openSession({ jobControl });
    const outcome = expect(ask(prompts)).rejects.toMatchObject({ name: "InterruptedError" });
    await type("");
    const shown = written();
    const modes: [isRaw: boolean, shown: string][] = [];
    const setRawMode = keyboard.setRawMode.bind(keyboard);
    keyboard.setRawMode = (isRaw) => {
      modes.push([isRaw, written()]);
      return setRawMode(isRaw);
    };
    keyboard.write("\x1a");
    await stopped;
    process.emit("SIGCONT");
    expect(modes.slice(0, 2)).toEqual([
      [false, shown],
      [true, shown],
    ]);
    await type(keys.ctrlC);
    await outcome;
    expect(written().length).toBeGreaterThan(shown.length);
  },
);
