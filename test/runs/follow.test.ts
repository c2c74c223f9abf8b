import { describe, expect, it } from "vitest";
import { summarize } from "../../src/runs/closing-line.js";
import { followRun } from "../../src/runs/follow.js";
import type { FollowEnd, FollowOptions, RunStart } from "../../src/runs/follow-source.js";
import type { RunState } from "../../src/runs/reduce.js";
import { ManualClock, permanent } from "./clock.js";
import { question, result, status, token, tool } from "./events.js";
import { agent, run, ScriptedSource, user } from "./scripted-source.js";

interface Following {
  source: ScriptedSource;
  clock: ManualClock;
  /** The output: `event` or `event: text`, and notes. */
  shown: string[];
  /** Resolves to the way it ended. */
  ended: Promise<FollowEnd>;
  /** Undefined while it is running. */
  outcome(): Promise<FollowEnd | undefined>;
  begin(beginning?: RunStart): Promise<void>;
  failBegin(error: Error): Promise<void>;
  interrupt: AbortController;
}

async function follow(more: Partial<FollowOptions> = {}, isHeld = false): Promise<Following> {
  const source = new ScriptedSource();
  const clock = new ManualClock();
  const shown: string[] = [];
  const interrupt = new AbortController();
  let begun: (beginning: RunStart) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  const beginning = new Promise<RunStart>((resolve, reject) => {
    begun = resolve;
    failed = reject;
  });
  let end: FollowEnd | undefined;
  const ended = followRun({
    source,
    view: {
      show: async (events) => {
        for (const { event, data } of events) {
          const text =
            typeof data === "string" ? data : (data.delta ?? data.summary ?? data.status ?? data.tool);
          shown.push(`${event}: ${String(text)}`);
        }
      },
      note: async (text) => void shown.push(`note: ${text}`),
      pause: async () => void shown.push("pause"),
      resume: () => void shown.push("resume"),
      end: async () => undefined,
      close: async () => undefined,
    },
    sleep: clock.sleep,
    signal: interrupt.signal,
    timeoutMs: undefined,
    start: () => {
      source.asked.push("begin");
      return beginning;
    },
    ...more,
  });
  ended.then(
    (value) => {
      end = value;
    },
    () => undefined,
  );
  const begin = async (value: RunStart = { run_id: "run_1", thread_id: "thr_1" }) => {
    begun(value);
    await permanent();
  };
  await permanent();
  if (!isHeld) await begin();
  return {
    source,
    clock,
    shown,
    ended,
    interrupt,
    begin,
    failBegin: async (error) => {
      failed(error);
      await permanent();
    },
    outcome: async () => {
      await permanent();
      return end;
    },
  };
}

const textOf = (state: RunState): string => summarize(state).text;

describe("following a run", () => {
  it("opens the stream before the start, and returns the final status", async () => {
    const { source, shown, ended, clock } = await follow();
    source.send(status("running"), token("Hi "), token("there"));
    source.send(tool("search", {}), result("search", 1), status("completed"), token("late"));
    const end = await ended;

    expect(source.asked.slice(0, 2)).toEqual(["open", "begin"]);
    expect(end).toMatchObject({ reason: "final", wholeText: undefined });
    expect(summarize(end.state)).toMatchObject({ status: "completed", text: "Hi there" });
    expect(shown).toEqual([
      "run_status: running",
      "token: Hi ",
      "token: there",
      "tool_call: search",
      "tool_result: search",
      "run_status: completed",
    ]);
    expect(source.isClosed).toBe(true);
    expect(clock.sleepers).toBe(0);
  });

  it("keeps events from before the run's id, and shows only the run's own events", async () => {
    const { source, shown, ended, begin, outcome } = await follow({}, true);
    source.send(token("mine"), token("other", { run_id: "run_2" }), {
      event: "filesystem",
      id: "evt_x",
      data: "{}",
    });
    source.send(status("completed", { run_id: "run_2" }), status("completed"));
    expect(await outcome()).toBeUndefined();
    expect(shown).toEqual([]);

    await begin();
    await ended;
    expect(shown).toEqual(["token: mine", "run_status: completed"]);
  });

  it("stops reading at 8 MiB until the run's id is known, and loses nothing", async () => {
    const { source, ended, begin, clock } = await follow({}, true);
    for (let at = 0; at < 12; at += 1) source.send(token("x".repeat(1024 * 1024)));
    source.send(status("completed"));
    await clock.advance(1_000);
    expect(source.taken).toBe(8);

    await begin();
    expect(textOf((await ended).state)).toHaveLength(12 * 1024 * 1024);
  });

  it("continues to read only when the view has handled earlier events", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { source, ended } = await follow({
      view: {
        show: () => held,
        note: async () => undefined,
        pause: async () => undefined,
        resume: () => undefined,
        end: async () => undefined,
        close: async () => undefined,
      },
    });
    source.send(token("a"));
    await permanent();
    for (let at = 0; at < 5; at += 1) source.send(token("b"));
    source.send(status("completed"));
    await permanent();
    expect(source.taken).toBe(1);

    release();
    expect(textOf((await ended).state)).toBe("abbbbb");
  });

  it("reports a stream's error, and starts no run", async () => {
    const source = new ScriptedSource();
    source.openFailure = new Error("not reachable");
    const { ended } = await follow({ source }, true);

    await expect(ended).rejects.toThrow("not reachable");
    expect(source.asked).toEqual(["open"]);
  });

  it("closes the stream, and reports the error of a start", async () => {
    const { source, ended, failBegin, clock } = await follow({}, true);
    const failure = expect(ended).rejects.toThrow("no credits");
    await failBegin(new Error("no credits"));

    await failure;
    expect(source.isClosed).toBe(true);
    expect(clock.sleepers).toBe(0);
  });

  it("keeps the reason of a failed run", async () => {
    const { source, ended } = await follow();
    source.send(status("error", { error: "tool crashed" }));

    expect(summarize((await ended).state)).toMatchObject({ status: "error", error: "tool crashed" });
  });
});

describe("a stream that doesn't report the run's end", () => {
  it("trusts the automation's state after 2 s without events since its read", async () => {
    const { source, shown, ended, outcome, clock } = await follow();
    source.send(token("Half the te"));
    await permanent();
    source.run = run("completed");
    source.messages = [user("Do it"), agent("Half the text.\nAnd the rest.")];
    await clock.advance(29_000);
    expect(source.asked).toEqual(["open", "begin", "run"]);

    await clock.advance(1_500);
    expect(source.asked.slice(3)).toEqual(["run"]);
    expect(await outcome()).toBeUndefined();

    await clock.advance(2_000);
    const end = await ended;
    expect(shown).toEqual(["token: Half the te", "token: xt.\nAnd the rest.", "run_status: completed"]);
    expect(textOf(end.state)).toBe("Half the text.\nAnd the rest.");
    expect(end).toMatchObject({ reason: "final", run: { status: "completed" }, wholeText: undefined });
  });

  it("detects a run that ended before its first event", async () => {
    const source = new ScriptedSource();
    source.run = run("error", { error: "no credits", thread_id: null });
    const { ended, clock } = await follow({ source }, true).then(async (following) => {
      await following.begin({ run_id: "run_1" });
      return following;
    });
    await clock.advance(2_000);

    const { state, reason } = await ended;
    expect(reason).toBe("final");
    expect(state).toMatchObject({ status: "error", error: "no credits", log: undefined });
  });

  it("lets a replay finish first", async () => {
    const { source, shown, ended, clock } = await follow();
    source.run = run("completed");
    source.messages = [agent("All of it")];
    source.reconnect();
    await clock.advance(1_500);
    source.send(token("All "));
    await clock.advance(1_500);
    source.send(token("of it"), status("completed"));
    await ended;

    expect(shown).toEqual([
      "note: connection lost, reconnecting …",
      "token: All ",
      "token: of it",
      "run_status: completed",
    ]);
  });

  it("waits for the replay while the stream is interrupted", async () => {
    const { source, shown, ended, clock } = await follow();
    source.run = run("completed");
    source.messages = [agent("All of it")];
    await clock.advance(30_000);
    source.cut();
    await clock.advance(8_000);
    source.reconnect();
    await clock.advance(1_500);
    source.send(tool("search", {}), token("All of it"), status("completed"));
    await ended;

    expect(shown.slice(1)).toEqual(["tool_call: search", "token: All of it", "run_status: completed"]);
  });

  it("waits for an interrupted stream only for a limited time", async () => {
    const { source, ended, clock } = await follow();
    source.run = run("completed");
    source.messages = [agent("All of it")];
    await permanent();
    source.cut();
    await clock.advance(45_000);
    const end = await ended;

    expect(end.reason).toBe("final");
    expect(textOf(end.state)).toBe("All of it");
  });

  it("isn't delayed by other runs' events", async () => {
    const { source, ended, clock } = await follow();
    source.run = run("completed");
    await clock.advance(30_000);
    for (let at = 0; at < 20; at += 1) {
      source.send(token("other", { run_id: "run_2" }));
      await clock.advance(1_000);
    }

    expect((await ended).reason).toBe("final");
  });

  it("ignores a read older than a later event", async () => {
    const { source, outcome, clock, ended } = await follow({ answer: () => new Promise(() => undefined) });
    source.run = run("running");
    await clock.advance(29_999);
    const answer = source.readRun.bind(source);
    let release: () => void = () => undefined;
    source.readRun = async (run_id) => {
      const read = await answer(run_id);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return read;
    };
    await clock.advance(1);
    source.send(question("Sure?"));
    await permanent();
    release();
    await clock.advance(10_000);
    expect(await outcome()).toBeUndefined();

    source.send(status("completed"));
    await ended;
  });

  it("continues if the automation is unreadable", async () => {
    const { source, ended, clock } = await follow();
    source.readFailure = new Error("500");
    await clock.advance(95_000);
    expect(source.asked.filter((asked) => asked === "run")).toHaveLength(4);
    source.send(status("completed"));

    expect((await ended).reason).toBe("final");
  });

  it("reports the reconnection once, until an event arrives", async () => {
    const { source, shown, ended } = await follow();
    for (let at = 0; at < 3; at += 1) source.reconnect();
    await permanent();
    source.send(token("a"));
    await permanent();
    source.reconnect();
    source.send(status("completed"));
    await ended;

    expect(shown.filter((line) => line.startsWith("note"))).toHaveLength(2);
  });

  it("loads the whole text from the thread if interrupted before the first id", async () => {
    const { source, ended } = await follow();
    source.messages = [agent("The beginning and the end")];
    source.reconnect();
    await permanent();
    source.send(token("and the end"), status("completed"));

    expect((await ended).wholeText).toBe("The beginning and the end\n");
  });

  it("ends with the automation's state when it closes for good", async () => {
    const { source, ended } = await follow();
    source.run = run("completed");
    source.messages = [agent("Done")];
    source.fail(new Error("401"));
    const end = await ended;

    expect(end.reason).toBe("final");
    expect(textOf(end.state)).toBe("Done");
  });

  it.each([
    ["is still running", run("running")],
    ["is gone", undefined],
  ])("is lost when it closes and the run %s", async (_, read) => {
    const { source, ended, clock } = await follow();
    source.run = read;
    source.fail(new Error("401"));

    expect(await ended).toMatchObject({ reason: "lost", cause: new Error("401"), run: read });
    expect(clock.sleepers).toBe(0);
  });

  it("is lost if it closed before the run's id was known", async () => {
    const { source, ended, begin } = await follow({}, true);
    source.finish();
    await begin();

    expect((await ended).reason).toBe("lost");
  });

  it("ends at its timeout, counted from its opening", async () => {
    const { outcome, clock, ended, begin } = await follow({ timeoutMs: 60_000 }, true);
    await clock.advance(30_000);
    await begin();
    await clock.advance(29_999);
    expect(await outcome()).toBeUndefined();
    await clock.advance(1);

    expect((await ended).reason).toBe("timeout");
  });

  it("ends at its timeout only once the run's id is known", async () => {
    const { outcome, clock, ended, begin } = await follow({ timeoutMs: 1_000 }, true);
    await clock.advance(5_000);
    expect(await outcome()).toBeUndefined();
    await begin();

    expect((await ended).reason).toBe("timeout");
  });
});

describe("a run that waits for an answer", () => {
  it("is no longer followed if herm can't ask", async () => {
    const { source, ended } = await follow();
    source.send(token("So."), question("Publish?"), status("waiting_on_human"));

    expect(await ended).toMatchObject({ reason: "waiting", state: { question: "Publish?" } });
  });

  it("loads the question from the thread if only the status arrives", async () => {
    const { source, ended, clock, shown } = await follow();
    source.messages = [user("Do it"), agent("So."), agent("Publish?")];
    source.send(token("So."), status("waiting_on_human"));
    await clock.advance(2_000);

    expect((await ended).state.question).toBe("Publish?");
    expect(shown.slice(2)).toEqual(["steering_request: Publish?"]);
  });

  it("waits without a question if none can be read", async () => {
    const { source, ended, clock } = await follow();
    source.send(status("waiting_on_human"));
    await clock.advance(2_000);

    expect(await ended).toMatchObject({ reason: "waiting", state: { question: undefined } });
  });

  it("loads a second question, even if the first wait had none", async () => {
    const asked: (string | undefined)[] = [];
    const { source, clock } = await follow({ answer: async (text) => void asked.push(text) });
    source.send(status("waiting_on_human"));
    await clock.advance(2_000);
    source.messages = [user("Do it"), user("yes"), agent("Again?")];
    source.send(status("running"), status("waiting_on_human"));
    await clock.advance(2_000);

    expect(asked).toEqual([undefined, "Again?"]);
  });

  it("never takes later text for the question of an earlier wait", async () => {
    const asked: (string | undefined)[] = [];
    const { source, clock } = await follow({ answer: async (text) => void asked.push(text) });
    source.messages = [user("Do it"), agent("Publish?"), user("yes")];
    source.send(status("waiting_on_human"));
    await clock.advance(2_000);
    source.messages.push(agent("Published."));
    source.send(status("running"), token("Published."));
    await clock.advance(5_000);

    expect(asked).toEqual([]);
  });

  it("asks on a terminal, and continues", async () => {
    const asked: (string | undefined)[] = [];
    const { source, ended } = await follow({ answer: async (text) => void asked.push(text) });
    source.send(question("Publish?"), status("waiting_on_human"));
    await permanent();
    source.send(status("running"), token("Published."), question("Again?"));
    await permanent();
    source.send(status("completed"));

    expect((await ended).reason).toBe("final");
    expect(asked).toEqual(["Publish?", "Again?"]);
  });

  it("asks only once if the status arrives after the answer", async () => {
    let asked = 0;
    const { source, ended, clock } = await follow({
      answer: async () => {
        asked += 1;
      },
    });
    source.messages = [user("Do it"), agent("Publish?"), user("yes")];
    source.send(question("Publish?"));
    await permanent();
    source.send(status("waiting_on_human"));
    await clock.advance(5_000);
    source.send(status("completed"));
    await ended;

    expect(asked).toBe(1);
  });

  it.each([
    ["an event", async ({ source }: Following) => source.send(token("Somebody answered."))],
    [
      "its automation",
      async ({ source, clock }: Following) => {
        source.run = run("running");
        await clock.advance(35_000);
      },
    ],
  ])("closes an open question when %s shows that the run continued", async (_, move) => {
    const closed: unknown[] = [];
    const following = await follow({
      answer: (_question, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            closed.push("closed");
            reject(new Error("closed"));
          });
        }),
    });
    following.source.send(question("Publish?"));
    await permanent();
    await move(following);
    await permanent();
    expect(closed).toEqual(["closed"]);
    following.source.send(status("completed"));

    expect((await following.ended).reason).toBe("final");
  });

  it("asks a new question that replaces an open question", async () => {
    const asked: (string | undefined)[] = [];
    const { source, ended } = await follow({
      answer: (text, { signal }) => {
        asked.push(text);
        if (text === "Second?") return Promise.resolve();
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(new Error("closed"))),
        );
      },
    });
    source.send(question("First?"));
    await permanent();
    source.send(token("Never mind."), question("Second?"));
    await permanent();
    source.send(status("completed"));
    await ended;

    expect(asked).toEqual(["First?", "Second?"]);
  });

  it("reports the error of an answer", async () => {
    const { source, ended } = await follow({
      answer: async () => {
        throw new Error("another run");
      },
    });
    const failure = expect(ended).rejects.toThrow("another run");
    source.send(question("Publish?"));

    await failure;
    expect(source.isClosed).toBe(true);
  });
});

describe("following a run that has already started", () => {
  const joined = (...messages: ReturnType<typeof agent>[]) => ({ run: run("running"), messages });

  it("shows the earlier text first, and repeats none of it", async () => {
    const { source, shown, ended, begin } = await follow({}, true);
    source.send(token("of the text that "));
    source.send(token("was read"));
    await permanent();
    await begin({
      run_id: "run_1",
      thread_id: "thr_1",
      joined: joined(user("Do it"), agent("Half of the text that ")),
    });
    source.messages = [user("Do it"), agent("Half of the text that was read")];
    source.send(status("completed"));
    const end = await ended;

    expect(shown).toEqual(["token: Half of the text that ", "token: was read", "run_status: completed"]);
    expect(end.wholeText).toBeUndefined();
  });

  it("asks the question of an already waiting run", async () => {
    const { ended, begin, shown } = await follow({}, true);
    await begin({
      run_id: "run_1",
      joined: { run: run("waiting_on_human"), messages: [user("Do it"), agent("So."), agent("Publish?")] },
    });

    expect((await ended).state.question).toBe("Publish?");
    expect(shown).toEqual(["token: So.", "steering_request: Publish?", "run_status: waiting_on_human"]);
  });

  it("loads the whole text from the thread at the end after a gap", async () => {
    const { source, ended, begin } = await follow({}, true);
    await begin({ run_id: "run_1", thread_id: "thr_1", joined: joined(user("Do it")) });
    source.messages = [user("Do it"), agent("The first half, the second half")];
    source.send(token("the second half"), status("completed"));

    expect((await ended).wholeText).toBe("The first half, the second half\n");
  });
});

describe("an interruption", () => {
  it("stops following, reports its reason, and closes everything", async () => {
    const { source, ended, interrupt, clock } = await follow();
    const failure = expect(ended).rejects.toThrow("Ctrl-C");
    source.send(token("a"));
    await permanent();
    interrupt.abort(new Error("Ctrl-C"));

    await failure;
    expect(source.isClosed).toBe(true);
    expect(clock.sleepers).toBe(0);
  });

  it("waits for a starting run, to name it", async () => {
    const { ended, interrupt, outcome, begin } = await follow({}, true);
    const failure = expect(ended).rejects.toThrow("Ctrl-C");
    interrupt.abort(new Error("Ctrl-C"));
    expect(await outcome()).toBeUndefined();
    await begin();

    await failure;
  });

  it("prevents a start if the interruption came first", async () => {
    const interrupt = new AbortController();
    interrupt.abort(new Error("Ctrl-C"));
    const { ended, source } = await follow({ signal: interrupt.signal }, true);

    await expect(ended).rejects.toThrow("Ctrl-C");
    expect(source.asked).toEqual([]);
  });
});

it("following a run ends when the output pipe closes", async () => {
  const { source, ended } = await follow({ isOutputClosed: () => true });
  source.send(token("a"));

  expect((await ended).reason).toBe("closed");
});
