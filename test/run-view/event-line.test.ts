import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/run-view/event.js";
import { rawEventLines } from "../../src/run-view/event-line.js";

const raw = (data: string, event = "token") => ({ event, id: "evt_1", data });

describe("events as lines of JSON", () => {
  it.each([
    ["an object", '{"delta":"a"}', '{"event":"token","id":"evt_1","data":{"delta":"a"}}\n'],
    [
      "a number too long for JavaScript",
      '{"n":12345678901234567890}',
      '{"event":"token","id":"evt_1","data":{"n":12345678901234567890}}\n',
    ],
    [
      "an object over several lines",
      '{\n"delta":\n"a"}',
      '{"event":"token","id":"evt_1","data":{"delta":"a"}}\n',
    ],
    ["a text", "hello", '{"event":"token","id":"evt_1","data":"hello"}\n'],
    ["half an object", '{"delta":', '{"event":"token","id":"evt_1","data":"{\\"delta\\":"}\n'],
    ["an array", "[1]", '{"event":"token","id":"evt_1","data":"[1]"}\n'],
    [
      "live characters",
      '{"delta":"\u202e\u001b"}',
      '{"event":"token","id":"evt_1","data":"{\\"delta\\":\\"\\u202e\\u001b\\"}"}\n',
    ],
    ["bidi controls", '{"delta":"\u202e"}', '{"event":"token","id":"evt_1","data":{"delta":"\\u202e"}}\n'],
  ])("carry %s", (_what, data, line) => {
    expect(rawEventLines([raw(data)], {})).toBe(line);
  });

  it("hold no workflow command under GitHub Actions", () => {
    const lines = rawEventLines([raw('{"delta":"::error::x ##[error]"}')], { githubActions: true });
    expect(lines).not.toMatch(/"::|##\[/);
    expect(JSON.parse(lines)).toEqual({
      event: "token",
      id: "evt_1",
      data: { delta: "::error::x ##[error]" },
    });
  });

  it("are what the events say, one a line, whatever they carry", () => {
    const text = fc.string({ unit: "binary" });
    const data = fc.oneof(
      fc.json(),
      text,
      fc.object().map((value) => JSON.stringify(value, null, 1)),
    );
    const events = fc.array(fc.record({ event: text, id: text, data }), { maxLength: 4 });
    fc.assert(
      fc.property(events, (some) => {
        const lines = rawEventLines(some, {}).split("\n").slice(0, -1);
        expect(lines.map((line) => JSON.parse(line))).toEqual(
          some.map((event) => JSON.parse(JSON.stringify(readEvent(event)))),
        );
      }),
    );
  });
});
