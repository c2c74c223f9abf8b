import { expect, it, onTestFinished } from "vitest";
import { SharedWrites } from "../../src/dev-server/store/shared-writes.js";
import { inMemory, openStore } from "../../src/dev-server/store/store.js";

async function open() {
  const store = await openStore(inMemory);
  onTestFinished(() => store.close());
  const write = (name: string) => store.setSetting(name, "x");
  return { store, writes: new SharedWrites(store), write };
}

it("writes from one turn of the event loop all arrive, in order", async () => {
  const { store, writes, write } = await open();
  const told: number[] = [];
  const adding = [1, 2, 3].map((index) =>
    writes.add(() => write(`${index}`)).then(() => void told.push(index)),
  );
  expect(store.setting("1")).toBeUndefined();
  await Promise.all(adding);
  expect(told).toEqual([1, 2, 3]);
  expect([1, 2, 3].map((index) => store.setting(`${index}`))).toEqual(["x", "x", "x"]);
});

it("a failed write leaves no trace, and others of its turn succeed", async () => {
  const { store, writes, write } = await open();
  const fail = () => {
    write("half");
    throw new Error("no room");
  };
  const outcomes = await Promise.allSettled([
    writes.add(() => write("before")),
    writes.add(fail),
    writes.add(() => write("after")),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(["before", "half", "after"].map((name) => store.setting(name))).toEqual(["x", undefined, "x"]);
});

it("long writes don't block the event loop", async () => {
  const { writes } = await open();
  let turns = 0;
  const countTurns = () => {
    turns += 1;
    next = setImmediate(countTurns);
  };
  let next = setImmediate(countTurns);
  const work = () => {
    const untilMs = performance.now() + 20;
    while (performance.now() < untilMs);
  };
  await Promise.all(Array.from({ length: 12 }, () => writes.add(work)));
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(5);
});
