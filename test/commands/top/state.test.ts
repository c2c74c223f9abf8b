import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Automation } from "../../../src/api/types.js";
import {
  firstState,
  pressKey,
  scrollToSelection,
  selectedRow,
  type TopState,
  withMessage,
  withPending,
  withRoom,
  withRows,
} from "../../../src/commands/top/state.js";
import { type TopRow, topRow } from "../../../src/commands/top/top-row.js";
import type { Key } from "../../../src/prompts/key-reader.js";

const height = 5;

function row(fields: Partial<Automation> & { automation_id: string }, deployment_name = "Acme"): TopRow {
  const automation = { name: fields.automation_id, enabled: true, ...fields };
  return topRow({ automation, deployment_id: `dep_${deployment_name}`, deployment_name }, { isStale: false });
}

const letters = "abcdefghijklmnopqrst";
const many = [...letters].map((letter) => row({ automation_id: letter }));

function start(rows: readonly TopRow[] = many, isFleet = false): TopState {
  return withRows(firstState({ hasDetail: true, freeze: undefined }), { rows, isFleet });
}

const text = (letter: string): Key => ({ name: "text", text: letter });
const key = (
  name: "up" | "down" | "page down" | "page up" | "home" | "end" | "enter" | "escape" | "backspace",
): Key => ({ name });

function pressing(state: TopState, ...keys: readonly Key[]): TopState {
  return keys.reduce(
    (before, each) => scrollToSelection(pressKey(before, each, height).state, height),
    state,
  );
}

const nameAt = (state: TopState) => selectedRow(state)?.automation.name;
const names = ({ shown }: TopState) => shown.map(({ automation }) => automation.name).join("");

describe("a key in the list", () => {
  it.each<[string, Key[], string, number]>([
    ["the first is selected", [], "a", 0],
    ["down", [key("down")], "b", 0],
    ["j and k", [text("j"), text("j"), text("k")], "b", 0],
    ["up stops at the first", [key("up")], "a", 0],
    ["down scrolls at the lower end", Array<Key>(5).fill(key("down")), "f", 1],
    ["up scrolls only at the upper end", [...Array<Key>(6).fill(key("down")), key("up")], "f", 2],
    ["a page", [key("page down")], "e", 0],
    ["a page by Space", [text(" "), text(" ")], "i", 4],
    ["a page back", [key("end"), key("page up")], "p", 15],
    ["the last", [key("end")], "t", 15],
    ["the last and the first", [text("G"), text("g")], "a", 0],
    ["pasted text is ignored", [{ name: "pasted", text: "jjj" }], "a", 0],
  ])("has the right effect: %s", (_case, keys, selected, top) => {
    const state = pressing(start(), ...keys);
    expect([nameAt(state), state.top]).toEqual([selected, top]);
  });

  it.each([
    [text("q"), "leave"],
    [{ name: "ctrl-c" }, "interrupt"],
    [{ name: "ctrl-z" }, "stop"],
    [{ name: "ctrl-l" }, "redraw"],
    [text("x"), undefined],
  ] as const)("%j causes this: %s", (pressedKey, command) => {
    expect(pressKey(start(), pressedKey, height)).toEqual(
      command === undefined ? { state: start() } : { state: start(), command },
    );
  });

  it("does nothing but close the help page, unless it ends or stops the command", () => {
    const page = pressing(start(), text("?"));
    expect(page.mode).toBe("keys");
    expect(pressKey(page, text("q"), height)).toEqual({ state: start() });
    expect(pressKey(page, { name: "ctrl-c" }, height).command).toBe("interrupt");
  });

  it("hides the details and shows them again", () => {
    expect(pressing(start(), text("d")).hasDetail).toBe(false);
    expect(pressing(start(), text("d"), text("d")).hasDetail).toBe(true);
    // After a resize they depend on the space, unless the user has chosen.
    expect(withRoom(start(), false).hasDetail).toBe(false);
    expect(withRoom(withRoom(start(), false), true).hasDetail).toBe(true);
    expect(withRoom(pressing(start(), text("d")), true).hasDetail).toBe(false);
  });
});

describe("a key that makes a change", () => {
  const running = row({
    automation_id: "a",
    last_run_at: "2026-03-03T07:00:00Z",
    last_run_status: "running",
  });
  const waiting = row({
    automation_id: "a",
    last_run_at: "2026-03-03T07:00:00Z",
    last_run_status: "waiting_on_human",
  });
  const paused = row({ automation_id: "a", enabled: false });

  it.each([
    ["p", running, "pause"],
    ["r", paused, "resume"],
    ["t", running, "trigger"],
  ])("%s asks first, and accepts only y as a yes", (letter, one, verb) => {
    const pressed = pressKey(start([one]), text(letter), height);
    expect(pressed).toMatchObject({
      state: { mode: "asks", pendingAction: { verb, automation_id: "a" } },
    });
    expect(pressed.action).toBeUndefined();
    const action = { verb, deployment_id: "dep_Acme", automation_id: "a", name: "a" };
    expect(pressKey(pressed.state, text("Y"), height)).toMatchObject({
      state: { mode: "list" },
      action,
    });
    for (const other of [
      text("n"),
      text(letter),
      key("enter"),
      key("escape"),
      { name: "pasted", text: "y" } as const,
    ]) {
      const after = pressKey(pressed.state, other, height);
      expect([after.action, after.state.message?.text]).toEqual([undefined, "nothing changed"]);
    }
  });

  it("acts on the automation named in the question, not on a later selection", () => {
    const asking = pressKey(start(many), text("p"), height).state;
    const moved = withRows(asking, { ...asking, rows: [row({ automation_id: "z" })] });
    expect(pressKey(moved, text("y"), height).action).toMatchObject({ automation_id: "a" });
  });

  it("follows and answers runs without a question", () => {
    expect(pressKey(start([running]), key("enter"), height).action).toMatchObject({ verb: "watch" });
    expect(pressKey(start([waiting]), text("a"), height).action).toMatchObject({ verb: "answer" });
  });

  it.each([
    ["pausing a paused automation", "p", paused, "a is already paused"],
    ["resuming an enabled automation", "r", running, "a is already enabled"],
    ["answering a run that isn't waiting", "a", running, "a is not waiting for an answer"],
    ["following an automation without runs", "\r", paused, "a has no runs yet; t runs it"],
  ])("is rejected instead of %s", (_case, letter, one, message) => {
    const { state, action } = pressKey(start([one]), letter === "\r" ? key("enter") : text(letter), height);
    expect([action, state.mode, state.message]).toEqual([undefined, "list", { text: message, isBad: true }]);
    expect(pressKey(state, key("down"), height).state.message).toBeUndefined();
  });

  it.each(["r", "t"])("starts no run with %s during a freeze", (letter) => {
    const frozen = { ...start([paused]), freeze: "INC-42" };
    expect(pressKey(frozen, text(letter), height).state).toMatchObject({
      mode: "list",
      message: { text: "frozen: INC-42" },
    });
  });

  it("starts no second change of an automation, except a pause", () => {
    const changing = withPending(start([paused]), "dep_Acme/a", "resuming …");
    for (const letter of ["r", "t"])
      expect(pressKey(changing, text(letter), height).state.message?.text).toBe("a is being changed");
    const enabled = withPending(start([running]), "dep_Acme/a", "starting …");
    expect(pressKey(enabled, text("p"), height).state.mode).toBe("asks");
    expect(withPending(changing, "dep_Acme/a", undefined).pending.size).toBe(0);
  });

  it("keeps an outcome that arrives during a question until it is seen", () => {
    const asking = pressKey(start([running]), text("p"), height).state;
    const told = withMessage(asking, "a is running");
    const answered = pressKey(told, text("y"), height).state;
    expect(answered.message?.text).toBe("a is running");
    expect(pressKey(answered, key("down"), height).state.message).toBeUndefined();
  });

  it("names the incident that holds the automation to be resumed", () => {
    const kept = topRow(
      { ...paused, held: { incident: "INC-42", user: "root", text: "held by INC-42" } },
      { isStale: false },
    );
    expect(pressKey(start([kept]), text("r"), height).state.pendingAction?.remark).toBe("held by INC-42");
  });
});

describe("the filter", () => {
  const rows = [
    row({ automation_id: "auto_1", name: "Weekly Report", last_run_status: "error" }),
    row({ automation_id: "auto_2", name: "Inbox", enabled: false }),
    row({ automation_id: "auto_3", name: "Report of leads" }, "Globex"),
  ];
  const typed = (words: string) => [text("/"), ...[...words].map(text)];

  it.each([
    ["a name in upper or lower case", "REPORT", ["auto_1", "auto_3"]],
    ["an id", "auto_2", ["auto_2"]],
    ["a deployment", "globex", ["auto_3"]],
    ["a state", "failing", ["auto_1"]],
    ["another state", "paused", ["auto_2"]],
    ["nothing", "zzz", []],
  ])("finds %s", (_case, words, ids) => {
    const state = pressing(start(rows), ...typed(words));
    expect(state.shown.map(({ automation }) => automation.automation_id)).toEqual(ids);
  });

  it("treats typed letters, including q, as text until Enter", () => {
    const state = pressing(start(rows), ...typed("q"));
    expect(state).toMatchObject({ mode: "filter", filter: "q", shown: [] });
    expect(pressing(state, key("backspace"), text("i"), key("enter"))).toMatchObject({
      mode: "list",
      filter: "i",
    });
  });

  it("accepts only the first line of pasted text", () => {
    expect(pressing(start(rows), text("/"), { name: "pasted", text: "inbox\nq" })).toMatchObject({
      filter: "inbox",
    });
  });

  it.each([
    ["while it is typed", typed("inb")],
    ["after it was typed", [...typed("inb"), key("enter")]],
  ])("is removed by Esc, %s, without changing the selection", (_case, keys) => {
    const state = pressing(start(rows), ...keys, key("escape"));
    expect(state).toMatchObject({ mode: "list", filter: "" });
    expect([state.shown.length, nameAt(state)]).toEqual([3, "Inbox"]);
  });
});

describe("the order of the list", () => {
  const rows = [
    row({ automation_id: "f", enabled: false, next_run_at: null }, "B"),
    row({ automation_id: "e", next_run_at: "2026-03-03T10:00:00Z" }, "A"),
    row({ automation_id: "d", last_run_status: "running", last_run_at: "2026-03-03T07:00:00Z" }, "B"),
    row(
      { automation_id: "b", last_run_status: "error", last_run_at: "2026-03-03T05:00:00Z", enabled: false },
      "B",
    ),
    row(
      { automation_id: "a", last_run_status: "waiting_on_human", next_run_at: "2026-03-03T09:00:00Z" },
      "A",
    ),
  ];

  it("starts with the worst, and changes with the key s", () => {
    const orders = [0, 1, 2, 3, 4, 5].map((presses) =>
      names(pressing(start(rows, true), ...Array<Key>(presses).fill(text("s")))),
    );
    expect(orders).toEqual(["adebf", "abdef", "dbaef", "aebdf", "aebdf", "adebf"]);
  });

  it("sorts automations of the same name by deployment", () => {
    const equal = ["B", "A", "C"].map((place) => row({ automation_id: `auto_${place}`, name: "x" }, place));
    const shown = start(equal, true).shown.map(({ deployment_name }) => deployment_name);
    expect(shown.join("")).toBe("ABC");
  });

  it("omits deployments if there is only one", () => {
    expect(pressing(start(rows), ...Array<Key>(4).fill(text("s"))).sort).toBe("status");
  });
});

it("top ignores all keys but q in a terminal that is too small", () => {
  const asking = pressing(start(), text("p"));
  for (const state of [start(), asking, pressing(start(), text("/"), text("x"))]) {
    for (const each of [text("y"), text("p"), text("t"), key("enter"), key("down"), text("/")])
      expect(pressKey(state, each, 0)).toEqual({ state });
    expect(pressKey(state, text("q"), 0).command).toBe("leave");
  }
});

describe("an update of the list", () => {
  it("keeps the same automation selected, even in a new place", () => {
    const state = pressing(start(), key("down"), key("down"));
    const worse = many.map((each) =>
      each.key.endsWith("/t") ? row({ automation_id: "t", last_run_status: "error" }) : each,
    );
    expect(names(withRows(state, { ...state, rows: worse }))).toMatch(/^ta/);
    expect(nameAt(withRows(state, { ...state, rows: worse }))).toBe("c");
  });

  it("keeps the first row selected until a key chooses one", () => {
    const worse = (letter: string) =>
      many.map((each) =>
        each.key.endsWith(`/${letter}`) ? row({ automation_id: letter, last_run_status: "error" }) : each,
      );
    const read = (state: TopState, letter: string) => withRows(state, { ...state, rows: worse(letter) });
    const first = read(start(), "t");
    expect([nameAt(first), first.at]).toEqual(["t", 0]);
    for (const letter of ["p", "t"]) {
      const chosen = pressKey(first, text(letter), height).state;
      expect(nameAt(read(chosen, "k"))).toBe("t");
    }
  });

  it.each([
    ["to the next row if the selected one is gone", "c", "d"],
    ["to the last row if the selected one was last", "t", "s"],
  ])("moves the selection correctly: %s", (_case, gone, next) => {
    const state = pressing(start(), ...Array<Key>(letters.indexOf(gone)).fill(key("down")));
    expect(
      nameAt(withRows(state, { ...state, rows: many.filter(({ automation }) => automation.name !== gone) })),
    ).toBe(next);
  });

  it("moves the selection from an answered run to the next waiting one", () => {
    const waits = (letter: string) => row({ automation_id: letter, last_run_status: "waiting_on_human" });
    const goesOn = row({ automation_id: "b", last_run_status: "running" });
    const asking = pressing(start([..."abcd"].map(waits)), key("down"));
    const answered = { ...asking, answered: selectedRow(asking)?.key };
    const read = (state: TopState, ...rows: readonly TopRow[]) => withRows(state, { rows, isFleet: false });
    const still = read(answered, ...[..."abcd"].map(waits));
    expect(nameAt(still)).toBe("b");
    const after = read(still, waits("a"), goesOn, waits("c"), waits("d"));
    expect([names(after), nameAt(after), after.at]).toEqual(["acdb", "c", 1]);
    const again = read(pressing(after, key("end")), waits("a"), goesOn, waits("c"), waits("d"));
    expect(nameAt(again)).toBe("b");
  });

  it("selects no row in an empty list, then the first row once there is one", () => {
    const empty = pressing(start([]), key("down"), text("G"), text("s"));
    expect([empty.selected, empty.at, empty.top]).toEqual([undefined, 0, 0]);
    expect(nameAt(withRows(empty, { ...empty, rows: many }))).toBe("a");
  });
});

it("top always keeps the selected row in sight", () => {
  const keys: Key[] = [
    ...[..."jkgG /sd?qabtpry"].map(text),
    ...(["up", "down", "page up", "page down", "home", "end", "enter", "escape", "backspace"] as const).map(
      key,
    ),
  ];
  const step = fc.oneof(
    fc
      .constantFrom(...keys)
      .map((pressedKey) => (state: TopState) => pressKey(state, pressedKey, height).state),
    fc.subarray(many).map((rows) => (state: TopState) => withRows(state, { ...state, rows })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (steps, rows) => {
      let state = start();
      for (const take of steps) {
        state = scrollToSelection(take(state), rows);
        if (state.selected === undefined) expect(state.at).toBe(0);
        else expect(state.shown[state.at]?.key).toBe(state.selected);
        if (state.shown.length === 0) continue;
        expect(state.at).toBeGreaterThanOrEqual(state.top);
        expect(state.at).toBeLessThan(state.top + rows);
      }
    }),
  );
});

describe("incremental sorting and filtering", () => {
  const field = fc.record({
    name: fc.constantFrom("a", "b", "ab", "ba"),
    hour: fc.integer({ min: 0, max: 3 }),
  });
  const readings = fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), field), { maxLength: 8 }), {
    minLength: 2,
    maxLength: 4,
  });

  it("equal sorting and filtering from scratch", () => {
    fc.assert(
      fc.property(readings, fc.array(fc.constantFrom("s", "a", "b")), (all, typed) => {
        let known: TopRow[] = [];
        const keysOf = (letters: readonly string[]) => [
          ...letters.filter((letter) => letter === "s").map(text),
          text("/"),
          ...letters.filter((letter) => letter !== "s").map(text),
        ];
        let state = pressing(start([], true), ...keysOf(typed));
        for (const reading of all) {
          const rows = [...new Map(reading)].map(([id, { name, hour }]) => {
            const next_run_at = `2026-03-02T0${hour}:00:00Z`;
            const stays = known.find(
              ({ automation: one }) =>
                one.automation_id === `${id}` && one.name === name && one.next_run_at === next_run_at,
            );
            return stays ?? row({ automation_id: `${id}`, name, next_run_at });
          });
          known = rows;
          state = withRows(state, { rows, isFleet: true });
          const anew = pressing(start(rows, true), ...keysOf(typed));
          expect(state.shown).toEqual(anew.shown);
        }
      }),
    );
  });
});
