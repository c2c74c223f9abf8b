import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/runs/reduce.js";
import {
  agentTexts,
  isAnswered,
  messagesOf,
  missingText,
  questionIn,
  withoutOverlap,
} from "../../src/runs/thread-text.js";
import { token, tool } from "./events.js";
import { agent, run, user } from "./scripted-source.js";

const thread = (...messages: ReturnType<typeof agent>[]) => ({ thread_id: "thr_1", messages });

describe("a run's messages", () => {
  it("are those with the run's id", () => {
    const messages = [agent("old", "run_0"), user("Do it"), agent("mine"), agent("nobody's", null)];

    expect(messagesOf(thread(...messages), run("running")).map((message) => message.content)).toEqual([
      "Do it",
      "mine",
    ]);
  });

  it("are those from the run's time if no message has an id", () => {
    const at = (created_at: string) => ({ ...agent(created_at, null), created_at });
    const messages = [at("2026-03-02T08:59:59Z"), at("2026-03-02T09:00:00Z"), at("2026-03-02T09:05:01Z")];
    const ended = run("completed", { completed_at: "2026-03-02T09:05:00Z" });

    expect(messagesOf(thread(...messages), ended)).toEqual([messages[1]]);
    expect(messagesOf(thread(...messages), run("running"))).toEqual(messages.slice(1));
  });

  it.each([
    ["the agent's last message", [user("Do it"), agent("Publish?")], "Publish?"],
    ["nothing after an answer", [agent("Publish?"), user("yes")], undefined],
    ["nothing in blank text", [agent(" \n")], undefined],
    ["nothing without messages", [], undefined],
  ])("contain, as the question, %s", (_, messages, asked) => {
    expect(questionIn(messages)).toBe(asked);
  });

  it.each([
    ["a person spoke last", [user("Do it"), agent("Publish?"), user("yes")], true],
    ["the agent spoke last", [user("Do it"), agent("Publish?")], false],
    ["the agent hasn't spoken", [user("Do it")], false],
    ["there are no messages", [], false],
  ])("count as answered or not if %s", (_, messages, expected) => {
    expect(isAnswered(messages)).toBe(expected);
  });

  it("omit each question once", () => {
    const messages = [agent("So."), agent("Sure?"), user("yes"), agent("Sure?"), agent("Done.")];

    expect(agentTexts(messages, ["Sure?"])).toEqual(["So.", "Sure?", "Done."]);
    expect(agentTexts(messages, ["Sure?", "Sure?"])).toEqual(["So.", "Done."]);
  });
});

describe("the missing part of a stream", () => {
  it.each([
    ["everything", "", ["All.", "More."], "All.\nMore."],
    [
      "everything, white space and byte order marks included",
      "",
      ["  \ufeffAll.\n", "\ufeffMore. "],
      "  \ufeffAll.\n\ufeffMore. ",
    ],
    ["a message whose leading white space came already", "All.\n  ", ["All.", "\n    More."], "  More."],
    ["nothing", "All.", ["All."], ""],
    ["the rest of a message", "Half", ["Half and half"], " and half"],
    ["another message", "All.", ["All.", "More."], "\nMore."],
    ["another message after a line end", "All.\n", ["All.\n", "More.\n"], "More.\n"],
    ["the rest after a whole message", "All.\nMo", ["All.", "More."], "re."],
    ["nothing if only white space differs", "All.\n\n More.\n", ["All. ", "More."], ""],
    ["nothing if the thread has less", "All.\nMore.", ["All."], ""],
    ["nothing if the thread is empty", "All.", [], ""],
  ])("is %s", (_, shown, texts, missing) => {
    expect(missingText(shown, texts)).toBe(missing);
  });

  it.each([
    ["the beginning is missing", "and half", ["Half and half"]],
    ["the middle is missing", "A. C.", ["A.", "B.", "C."]],
    ["the text differs", "What?", ["All."]],
  ])("can't be added if %s", (_, shown, texts) => {
    expect(missingText(shown, texts)).toBeUndefined();
  });

  it("completes any text, wherever it was cut", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), (text, at) => {
        const shown = text.slice(0, at % (text.length + 1));
        const missing = missingText(shown, [text]);

        expect((shown + (missing ?? "?")).trim()).toBe(text.trim());
      }),
    );
  });
});

describe("events that arrive during a read of the thread", () => {
  const left = (earlier: string, ...deltas: string[]) =>
    withoutOverlap(
      earlier,
      deltas.map((delta) => readEvent(token(delta))),
    ).map((event) => (typeof event.data === "string" ? "" : event.data.delta));

  it.each([
    ["stay if their text is new", "Looking at", ["the videos"], ["the videos"]],
    ["go if all of their text was read", "Looking at the videos", ["the ", "videos"], []],
    [
      "keep their end if a long beginning was read",
      "The best of all videos of to",
      ["of all videos of", " today"],
      ["day"],
    ],
    ["stay if a short beginning fits by chance", "one.", [".", "two"], [".", "two"]],
  ])("%s", (_, earlier, deltas, expected) => {
    expect(left(earlier, ...deltas)).toEqual(expected);
  });

  it("stay if they aren't text", () => {
    const call = readEvent(tool("search", {}));

    expect(withoutOverlap("read", [readEvent(token("read")), call])).toEqual([call]);
  });
});
