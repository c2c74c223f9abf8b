import { describe, expect, it } from "vitest";
import { habitBudget } from "./budget.js";
import { countHabits } from "./habits.js";

const counted = Object.entries(countHabits());

describe("translated English", () => {
  it.each(counted)("doesn't return to the %s", (surface, { words, found }) => {
    const rates = habitBudget[surface] ?? [];
    expect(rates).toHaveLength(Object.keys(found).length);
    const above = Object.entries(found).filter(([, count], at) => {
      const most = Math.ceil(((rates[at] ?? 0) * 1.2 * words) / 1000);
      return count > most;
    });
    expect(above).toEqual([]);
  });
});
