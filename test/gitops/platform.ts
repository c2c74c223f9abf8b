import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { AutomationDetail } from "../../src/api/types.js";
import type { ActivityEntry } from "../../src/dev-server/activity-log.js";
import { embedDevServer } from "../../src/dev-server/embed.js";
import { type ManifestServer, manifestServer } from "../commands/manifest-server.js";
import type { HermOptions } from "../support/harness.js";
import { filesOf, pipeline, type Repository, type Tenant, type Wish, wishesFor } from "./repository.js";

/** Winter in Berlin. */
const startAt = Date.parse("2026-03-02T08:00:00Z");

/** The deployments of 18 customers, and the repository that provisions them. */
export interface Platform extends Omit<ManifestServer, "run"> {
  tenants: readonly Tenant[];
  home: string;
  /** Checks out the repository's files; leaves the record unchanged. */
  checkOut(repository: Repository): void;
  /** Runs `herm automations <verb>` on the repository; returns rows other than `unchanged` in short form. */
  run(verb: "apply" | "diff", ...more: (string | HermOptions)[]): Promise<Outcome>;
  /** Runs `herm automations <words>` beside the files. */
  runAutomations: ManifestServer["run"];
  /** Everything on the server: tenants by name, each with its automations in the order of their names. */
  truth(): Promise<Truth>;
  /** The ids in the record, and its other content. */
  record(): { text: string; ids: string[] };
  automation(tenant: Tenant | undefined, name: string): Promise<AutomationDetail>;
  pathOf(tenant: Tenant | undefined, name: string): Promise<string>;
  close(): Promise<void>;
}

interface Outcome {
  code: number;
  /** `<tenant>: <action> <name> (<reason>) <result>`, sorted. */
  rows: string[];
  stderr: string;
}

type Automations = [name: string, wish: Wish][];
export type Truth = Record<string, Automations>;

/** Typical names on a platform: two of an early customer, three of a VIP, three pilots, and two tests. */
function newTenants(): Omit<Tenant, "id">[] {
  const special = [
    ["Early one", "cus_early"],
    ["Early two", "cus_early"],
    ["Vip one", "cus_vip"],
    ["Vip two", "cus_vip"],
    ["Vip test", "cus_vip"],
    ["Pilot one", "cus_p1"],
    ["Pilot two", "cus_p2"],
    ["Pilot test", "cus_p3"],
  ].map(([name = "", customer = ""]) => ({ name, customer }));
  const plain = Array.from({ length: 18 - special.length - 1 }, (_, at) => ({
    name: `Customer ${at + 1}`,
    customer: `cus_${at + 1}`,
  }));
  return [...special, ...plain];
}

export async function startPlatform(hear?: (happening: ActivityEntry) => void): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), "herm-gitops-"));
  const [cwd, home] = [join(folder, "repository"), join(folder, "home")];
  for (const each of [join(cwd, ".git"), home]) mkdirSync(each, { recursive: true });
  const server = await embedDevServer({ now: () => startAt, onActivity: hear });
  const world = manifestServer(server, { cwd, home });
  const tenants = await tenantsOf(world);
  const pathOf = async (tenant: Tenant | undefined, name: string) => {
    const found = (await world.list(tenant?.id)).filter((each) => each.name === name);
    expect(found, `${name} in ${tenant?.name}`).toHaveLength(1);
    return `/v1/deployments/${tenant?.id}/automations/${found[0]?.automation_id}`;
  };
  const automation = async (tenant: Tenant | undefined, name: string) => {
    return (await world.call("GET", await pathOf(tenant, name))) as AutomationDetail;
  };
  return {
    ...world,
    tenants,
    home,
    automation,
    runAutomations: (words, options = {}) => world.run(words, { now: new Date(startAt), ...options }),
    checkOut: (repository) => world.write(filesOf(repository)),
    run: async (verb, ...more) => {
      const words = more.filter((each) => typeof each === "string");
      const [options = {}] = more.filter((each) => typeof each !== "string");
      const yes = verb === "apply" ? ["--yes"] : [];
      const { code, stdout, stderr } = await world.run([verb, ...pipeline, ...yes, "--json", ...words], {
        now: new Date(startAt),
        ...options,
      });
      return { code, rows: stdout === "" ? [] : short(stdout, tenants), stderr };
    },
    truth: async () => {
      const all = await Promise.all(
        tenants.map(async ({ id, name }) => [name, (await world.state(id)).map(inShort)] as const),
      );
      return Object.fromEntries(all);
    },
    record: () => {
      const text = readFileSync(join(cwd, "automations/herm.lock.yaml"), "utf8");
      return { text, ids: [...text.matchAll(/^ {2}dep_\w+\/(auto_\w+): /gm)].map(([, id = ""]) => id) };
    },
    pathOf,
    close: async () => {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function tenantsOf(world: ManifestServer): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  for (const { name, customer } of newTenants()) {
    tenants.push({ id: await world.deploy(name, { customer }), name, customer });
  }
  const local = (await world.call("GET", "/v1/deployments/dep_local")) as {
    name: string;
    customer_id: string;
  };
  return [...tenants, { id: "dep_local", name: local.name, customer: local.customer_id }];
}

function inShort({ name, schedule, instructions, enabled }: AutomationDetail): [string, Wish] {
  return [
    name ?? "",
    { schedule: schedule ?? "", instructions: instructions ?? "", enabled: enabled ?? false },
  ];
}

function short(stdout: string, tenants: readonly Tenant[]): string[] {
  const rows: { deployment_id: string; action: string; name: string; reason?: string; result?: string }[] =
    JSON.parse(stdout);
  return rows
    .filter(({ action }) => action !== "unchanged")
    .map(({ deployment_id, action, name, reason, result }) => {
      const tenant = tenants.find(({ id }) => id === deployment_id)?.name;
      return [`${tenant}:`, action, name, reason && `(${reason})`, result].filter(Boolean).join(" ");
    })
    .sort();
}

/** The expected automations: those from the repository, and those that customers created. */
export function wanted(
  { tenants }: Pick<Platform, "tenants">,
  repository: Repository,
  own: Readonly<Record<string, Record<string, Wish>>> = {},
): Truth {
  const entries = tenants.map((tenant) => {
    const all = Object.entries({ ...wishesFor(repository, tenant), ...own[tenant.name] });
    return [tenant.name, all.toSorted(([one], [other]) => (one < other ? -1 : 1))] as const;
  });
  return Object.fromEntries(entries);
}
