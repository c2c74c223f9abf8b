import { utimesSync } from "node:fs";
import { expect, it } from "vitest";
import { HermClient } from "../../src/api/client.js";
import { answeredLately, rememberAnswers } from "../../src/fleet/lists.js";
import { temporaryFolder } from "../support/harness.js";

const known = [{ deployment_id: "dep_1", automation_id: "auto_1" }];

it("saved lists are read once, but not within the first minute", async () => {
  const client = new HermClient({ apiKey: "k" });
  const folder = temporaryFolder();
  let loads = 0;
  const load = async () => {
    loads += 1;
    return () => known;
  };
  expect(await answeredLately(client)).toEqual([]);
  rememberAnswers(client, { folder, load });
  const old = new Date(Date.now() - 61_000);
  utimesSync(folder, old, old);
  expect([await answeredLately(client), loads]).toEqual([[], 0]);
  const now = new Date();
  utimesSync(folder, now, now);
  expect([await answeredLately(client), await answeredLately(client), loads]).toEqual([known, known, 1]);
  rememberAnswers(client, { folder: `${folder}/none`, load });
  expect([await answeredLately(client), loads]).toEqual([[], 1]);
});
