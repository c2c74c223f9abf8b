import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HermOptions } from "../support/harness.js";
import { type Platform, startPlatform, wanted } from "./platform.js";
import { type Default, firstDefaults, pipeline, type Repository } from "./repository.js";

let platform: Platform;
/**
 * Automations that customers created: one with a name in no file, one with the name of a default for others, and one
 * that looks like a default.
 */
const own: Record<string, Record<string, { schedule: string; instructions: string; enabled: boolean }>> = {};
beforeAll(async () => {
  platform = await startPlatform();
  for (const [tenant, name] of [
    ["Customer 1", "My own"],
    ["Customer 2", "Concierge"],
    ["Customer 3", "Report 99"],
  ] as const) {
    await platform.create({ name }, tenantOf(tenant)?.id);
    own[tenant] = { [name]: { schedule: "0 9 * * *", instructions: "x", enabled: true } };
  }
});
afterAll(() => platform.close());

const tenantOf = (name: string) => platform.tenants.find((tenant) => tenant.name === name);
const everywhere = (row: string) => platform.tenants.map(({ name }) => `${name}: ${row}`).toSorted();
const nothing = { code: 0, rows: [], stderr: expect.stringMatching(/^no changes: .*\n$/) };

/** If one waits while others work, both need the same time. */
const realTime: HermOptions = {
  monotonic: () => performance.now(),
  sleep: (ms, signal) => pause(ms, undefined, { signal }),
};

/** The current commit of main. */
let head: Repository = { defaults: firstDefaults };
const merge = (repository: Repository) => {
  head = repository;
  platform.checkOut(repository);
};
const without = (...names: string[]): Repository => ({
  defaults: head.defaults.filter(({ name }) => !names.includes(name)),
});

async function expectTruth(): Promise<void> {
  expect(await platform.truth()).toEqual(wanted(platform, head, own));
}

/** The record has exactly the automations that apply created and that still exist. */
async function expectRecord(): Promise<void> {
  const all = await Promise.all(platform.tenants.map(({ id }) => platform.list(id)));
  const isOwn = (name: string | null | undefined) =>
    Object.values(own).some((each) => Object.hasOwn(each, name ?? ""));
  const made = platform.tenants.flatMap(({ name: tenant }, at) =>
    (all[at] ?? [])
      .filter(({ name }) => own[tenant] === undefined || !isOwn(name))
      .map(({ automation_id }) => automation_id),
  );
  expect(platform.record().ids.toSorted()).toEqual(made.toSorted());
}

// The steps are one story: each starts where the previous one ended.
describe("a repository of 24 defaults for 18 customers' deployments", () => {
  it("shows the changes of the first apply in a diff, without sending any", async () => {
    merge(head);
    await platform.writes();
    const start = ["adopt", ...pipeline, "--yes"];
    expect(await platform.runAutomations(start)).toMatchObject({ code: 0 });
    const { code, rows } = await platform.run("diff");
    const wishes = Object.values(wanted(platform, head)).flat();
    expect(wishes.length).toBeGreaterThan(300);
    expect({ code, creates: rows.filter((row) => row.includes(": create ")).length }).toEqual({
      code: 9,
      creates: wishes.length,
    });
    expect(await platform.writes()).toEqual([]);
  });

  it("is deployed by the first apply, which records all automations", async () => {
    const { code, stderr } = await platform.run("apply");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /\nPlan: 411 to create in 18 deployments; runs a day: 0 → [\d,]+\n(Applying: \d+ of 411\n)*411 applied\nundo: .*\n$/,
      ),
    });
    await expectTruth();
    await expectRecord();
  });

  it("causes no change on the second apply, even in the record", async () => {
    const { text } = platform.record();
    await platform.writes();
    expect(await platform.run("apply", "--prune")).toEqual(nothing);
    expect(await platform.run("diff", "--prune")).toMatchObject({ code: 0, rows: [] });
    expect(await platform.writes()).toEqual([]);
    expect(platform.record().text).toBe(text);
    await expectTruth();
  });

  it("reverts customers' edits, but keeps their pauses", async () => {
    const one = tenantOf("Vip one");
    const two = tenantOf("Customer 5");
    await platform.call("PATCH", await platform.pathOf(one, "Concierge"), { schedule: "0 3 * * *" });
    await platform.call("PATCH", await platform.pathOf(two, "Report 07"), { instructions: "Mine." });
    await platform.call("PATCH", await platform.pathOf(two, "Report 08"), { enabled: false });
    await platform.call("PATCH", await platform.pathOf(two, "Survey"), { name: "Our survey" });
    const found = [
      "Customer 5: rename Survey",
      "Customer 5: skipped Report 08 (paused)",
      "Customer 5: update Report 07",
      "Vip one: update Concierge",
    ];
    expect(await platform.run("diff")).toMatchObject({ code: 9, rows: found });
    const { code, rows } = await platform.run("apply");
    expect({ code, rows }).toEqual({
      code: 0,
      rows: found.map((row) => (row.includes("skipped") ? row : `${row} done`)),
    });
    expect(await platform.automation(two, "Report 08")).toMatchObject({ enabled: false });
    await platform.call("PATCH", await platform.pathOf(two, "Report 08"), { enabled: true });
    await expectTruth();
  });

  it("prunes removed automations, but never a customer's own", async () => {
    merge(without("Report 29", "Report 30", "Concierge"));
    const { code, rows } = await platform.run("apply", "--prune");
    const vips = ["Vip one", "Vip two", "Vip test"];
    expect({ code, rows }).toEqual({
      code: 0,
      rows: [
        ...everywhere("delete Report 29 (prune, enabled) done"),
        ...everywhere("delete Report 30 (prune, enabled) done"),
        ...vips.map((name) => `${name}: delete Concierge (prune, enabled) done`),
      ].toSorted(),
    });
    await expectTruth();
    await expectRecord();
  });

  it("skips automations deleted by a customer, until told to recreate them", async () => {
    const tenant = tenantOf("Pilot one");
    await platform.call("DELETE", await platform.pathOf(tenant, "Report 11"));
    const left = ["Pilot one: skipped Report 11 (deleted since)"];
    expect(await platform.run("diff")).toMatchObject({ code: 0, rows: left });
    expect(await platform.run("apply", "--prune")).toMatchObject({ code: 0, rows: left });
    expect(await platform.run("apply", "--recreate")).toMatchObject({
      code: 0,
      rows: ["Pilot one: create Report 11 done"],
    });
    await expectTruth();
    await expectRecord();
  });

  it("renames automations in place, and recreates them after a reverted rename", async () => {
    const before = head;
    const ids = await idsOf("Invoices");
    const invoices = head.defaults.find(({ name }) => name === "Invoices") as Default;
    const billing = { ...invoices, name: "Billing", formerly: "Invoices" };
    merge({ defaults: head.defaults.map((each) => (each === invoices ? billing : each)) });
    expect((await platform.run("apply")).code).toBe(0);
    expect(await idsOf("Billing")).toEqual(ids);
    await expectTruth();

    // As after `git revert`, which leaves the record as it is.
    merge(before);
    const reverted = await platform.run("apply", "--prune");
    expect(reverted.code).toBe(0);
    expect(new Set(reverted.rows.map((row) => row.replace(/^.*: /, "")))).toEqual(
      new Set(["create Invoices done", "delete Billing (prune, enabled) done"]),
    );
    await expectTruth();
    await expectRecord();
  });

  it("exits with 8 if a deployment returns 500, and finishes when rerun", async () => {
    const broken = tenantOf("Customer 9");
    await platform.failLists(String(broken?.id));
    const [report, ...rest] = head.defaults;
    const before = head;
    merge({ defaults: [rewritten(report as Default), ...rest] });
    const { code, rows, stderr } = await platform.run("apply", "--prune", "--max-wait=2s", realTime);
    expect({ code, done: rows.filter((row) => row.endsWith("done")).length }).toEqual({
      code: 8,
      done: platform.tenants.length - 1,
    });
    expect(stderr).toContain("Customer 9");
    await platform.call("DELETE", "/_dev/faults");
    const expected = wanted(platform, head, own);
    const stale = wanted(platform, before, own)["Customer 9"];
    expect(await platform.truth()).toEqual({ ...expected, "Customer 9": stale });
    expect(await platform.run("apply", "--prune")).toMatchObject({
      code: 0,
      rows: ["Customer 9: update Report 01 done"],
    });
    await expectTruth();
    await expectRecord();
  });

  it("deletes no automation without the record, and prunes once git restores it", async () => {
    const good = head;
    rmSync(join(platform.cwd, "automations/herm.lock.yaml"));
    merge(without("Report 28"));
    const { code, rows, stderr } = await platform.run("apply", "--prune");
    expect({ code, rows }).toEqual({ code: 6, rows: [] });
    expect(stderr).toContain("herm.lock.yaml is missing: nothing was sent");
    expect((await platform.run("apply", "--prune")).code).toBe(6);
    platform.checkOut(good);
    expect((await platform.runAutomations(["adopt", ...pipeline, "--yes"])).code).toBe(0);
    merge(head);
    expect(await platform.run("apply", "--prune")).toMatchObject({
      code: 0,
      rows: everywhere("delete Report 28 (prune, enabled) done"),
    });
    await expectTruth();
    await expectRecord();
  });

  it("skips a broken deployment with a note, or fails with --strict", async () => {
    const id = await platform.deploy("Broken", { customer: "cus_broken", prompt: "@dev fail" });
    const { code, rows, stderr } = await platform.run("apply", "--prune");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(new RegExp(`Broken \\(${id}\\) .*broken`)),
    });
    const untouched = rows.filter((row) => /: skipped .+ \(deployment broken \(status: error\)\)$/.test(row));
    expect(rows).toEqual(untouched);
    expect(rows.length).toBeGreaterThan(15);
    const strict = await platform.run("apply", "--prune", "--strict");
    expect({ code: strict.code, failed: strict.rows.length }).toEqual({ code: 8, failed: rows.length });
    await expectTruth();
  });

  it("finally deletes exactly its own automations, once the limit allows it", async () => {
    const before = head;
    merge({ defaults: [] });
    const refused = await platform.run("apply", "--prune");
    expect(refused).toMatchObject({ code: 6, rows: [] });
    expect(await platform.truth()).toEqual(wanted(platform, before, own));
    expect((await platform.run("apply", "--prune", "--max-deletes=500")).code).toBe(0);
    await expectTruth();
    expect(platform.record().ids).toEqual([]);
    expect(await platform.run("apply", "--prune")).toMatchObject({ code: 0, rows: [] });
  });
});

/** The same, worded differently. */
function rewritten(original: Default): Default {
  const change = (text: string) => text.replace("Write", "Rewrite");
  const wish: Default["wish"] = (tenant, name) => {
    const before = original.wish(tenant, name);
    return { ...before, instructions: change(before.instructions) };
  };
  return { ...original, yaml: change(original.yaml), wish };
}

/** Those with one name, in the order of tenants. */
async function idsOf(name: string): Promise<(string | undefined)[]> {
  const all = await Promise.all(platform.tenants.map(({ id }) => platform.list(id)));
  return all.map((each) => each.find((automation) => automation.name === name)?.automation_id);
}
