import { createHash } from "node:crypto";

/** A customer's deployment, with the properties by which a repository can distinguish them. */
export interface Tenant {
  id: string;
  name: string;
  customer: string;
}

/** The result of a default in a deployment. */
export interface Wish {
  schedule: string;
  instructions: string;
  enabled: boolean;
}

/** A default: its text in the repository, and its result for each deployment, computed without herm. */
export interface Default {
  name: string;
  formerly?: string;
  yaml: string;
  fits(tenant: Tenant): boolean;
  /** Also by its name, on which spread depends. */
  wish(tenant: Tenant, name: string): Wish;
}

export interface Repository {
  defaults: readonly Default[];
  /** Automations with old names, to be removed. */
  removed?: readonly string[];
}

const reportNumbers = "01 02 03 04 05 06 07 08 11 20 21 28 29 30".split(" ");
const everybody = () => true;
const isEarly = ({ customer }: Tenant) => customer === "cus_early";
const teamOf = ({ name }: Tenant) => (name.startsWith("Pilot") ? "pilots" : "growth");

/** As documented for `spread`: the first six bytes of the SHA-256 of deployment and name, modulo the window. */
function spreadOf({ id }: Tenant, name: string, windowMinutes: number): number {
  const hash = createHash("sha256").update(`${id}\0${name}`).digest("hex").slice(0, 12);
  return Number.parseInt(hash, 16) % windowMinutes;
}

const daily = (hour: number, minutes: number) => `${minutes % 60} ${hour + Math.floor(minutes / 60)} * * *`;

function report(at: string): Default {
  return {
    name: `Report ${at}`,
    yaml: `schedule: every day at \${hour}am
spread: 2h
instructions: Write report ${at} for the \${team} team.`,
    fits: everybody,
    wish: (tenant, name) => ({
      schedule: daily(isEarly(tenant) ? 7 : 9, spreadOf(tenant, name, 120)),
      instructions: `Write report ${at} for the ${teamOf(tenant)} team.`,
      enabled: true,
    }),
  };
}

/** At eight in Berlin, which is seven in UTC in winter; only in environments that want it. */
function check(day: string): Default {
  const cronDay = days.indexOf(day) + 1;
  return {
    name: `Check of ${day}`,
    yaml: `schedule: every ${day} at 8am
tz: Europe/Berlin
spread: 1h
enabled: \${checks}
instructions_file: texts/${day}.md`,
    fits: everybody,
    wish: (tenant, name) => ({
      schedule: `${spreadOf(tenant, name, 60)} 7 * * ${cronDay}`,
      instructions: checkText(day, tenant.name),
      enabled: true,
    }),
  };
}

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const checkText = (day: string, tenant: string) => `On ${day}s check that ${tenant} is well.\n`;

function forSome(title: string, hour: number, { yaml, fits }: Pick<Default, "yaml" | "fits">): Default {
  const instructions = `Do what ${title} says.`;
  return {
    name: title,
    yaml: `schedule: "0 ${hour} * * 5"\nspread: 1h\ninstructions: ${instructions}\n${yaml}`,
    fits,
    wish: (tenant, name) => ({
      schedule: `${spreadOf(tenant, name, 60)} ${hour} * * 5`,
      instructions,
      enabled: true,
    }),
  };
}

const forVips = {
  yaml: "for: {customers: [cus_vip]}",
  fits: ({ customer }: Tenant) => customer === "cus_vip",
};
const notForTests = {
  yaml: 'not: {deployments: ["* test"]}',
  fits: ({ name }: Tenant) => !name.endsWith(" test"),
};

/** 24: 14 for everybody, each with its own minute, 6 in a zone, one for some customers, 3 for all except some. */
export const firstDefaults: readonly Default[] = [
  ...reportNumbers.map(report),
  ...days.map(check),
  forSome("Concierge", 11, forVips),
  ...["Invoices", "Renewals", "Survey"].map((name, at) => forSome(name, 12 + at, notForTests)),
];

/** The files in a commit. The record and `.git` are beside them. */
export function filesOf({ defaults, removed = [] }: Repository): Record<string, string> {
  const reports = defaults.filter(({ name }) => name.startsWith("Report"));
  const others = defaults.filter((each) => !reports.includes(each));
  const gone = removed.length === 0 ? "" : `removed: [${removed.join(", ")}]\n`;
  return {
    "automations/reports.yaml": `values:
  - hour: 9
    team: growth
  - for: {customers: [cus_early]}
    hour: 7
  - for: {deployments: ["Pilot *"]}
    team: pilots
${gone}${listOf(reports)}`,
    "automations/others.yaml": listOf(others),
    ...Object.fromEntries(
      days.map((day) => [`automations/texts/${day}.md`, checkText(day, "${deployment.name}")]),
    ),
    "values/prod.yaml": "checks: true\n",
  };
}

function listOf(defaults: readonly Default[]): string {
  if (defaults.length === 0) return "automations: []\n";
  return `automations:\n${defaults.map(itemOf).join("")}`;
}

function itemOf({ name, formerly, yaml }: Default): string {
  const lines = [`name: ${name}`, ...(formerly === undefined ? [] : [`formerly: ${formerly}`]), yaml];
  return `  - ${lines.join("\n").replaceAll("\n", "\n    ")}\n`;
}

/** The pipeline's command, which is always the same. */
export const pipeline = ["-f", "automations", "--values", "values/prod.yaml", "--all-deployments"];

/** The automations that the repository makes in a deployment, by name. */
export function wishesFor({ defaults }: Repository, tenant: Tenant): Record<string, Wish> {
  const fitting = defaults.filter((each) => each.fits(tenant));
  return Object.fromEntries(fitting.map((each) => [each.name, each.wish(tenant, each.name)]));
}
