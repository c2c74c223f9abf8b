import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import manyCases from "./support/many-cases.js";

describe("a property in test:random", () => {
  it.each([
    [undefined, 2_000],
    [{ numRuns: 3 }, 60],
  ])("with %j runs %i cases", (given, expected) => {
    let count = 0;
    manyCases.assert(
      fc.property(fc.nat(), () => {
        count += 1;
      }),
      given,
    );
    expect(count).toBe(expected);
  });

  it("fails with the counterexample and its cause", () => {
    const property = fc.property(fc.nat(), (number) => {
      expect(number).toBeLessThan(3);
    });
    expect(() => manyCases.assert(property)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining("Counterexample: [3]"),
        cause: expect.objectContaining({ message: expect.stringContaining("expected 3 to be less than 3") }),
      }),
    );
  });

  it("reports when its time is up", () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const property = fc.property(fc.nat(), () => undefined);
    manyCases.assert(property, { numRuns: 500_000, interruptAfterTimeLimit: 20 });
    expect(log.mock.calls).toEqual([
      [expect.stringMatching(/^cut: \d{1,7} of 10000000 cases: a property in test:random > reports when/)],
    ]);
  });
});
