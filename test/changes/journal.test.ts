import { expect, it } from "vitest";
import { IntentJournal, type JournalContext, readOpenIntents } from "../../src/changes/journal.js";
import { freshPlaces, settingsFor } from "../settings/places.js";

const places = freshPlaces();

/** A command with the data folder of all the others here. */
const command = (): JournalContext => ({
  settings: settingsFor(places),
  now: () => new Date("2026-10-04T10:11:12Z"),
  sleep: () => Promise.resolve(),
  signal: new AbortController().signal,
});

it("shows an open intent to every command but the one that sends it, until it is closed", async () => {
  const [own, other] = [command(), command()];
  const journal = new IntentJournal(own);
  const intent = { kind: "create", origin: "local", deployment_id: "dep_1", name: "Weekly" } as const;
  const { close } = await journal.open(intent);
  expect(readOpenIntents(own, "dep_1")).toEqual([]);
  expect(readOpenIntents(other, "dep_2")).toEqual([]);
  expect(readOpenIntents(other, "dep_1").map(({ line }) => line)).toMatchObject([intent]);
  close();
  await journal.close();
  expect(readOpenIntents(other, "dep_1")).toEqual([]);
});
