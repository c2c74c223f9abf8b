import fc from "fast-check";

/** Three deployments of two customers; the caller fills in the second id. */
export const fleet = [
  { name: "Acme prod", customer: "cus_1" },
  { name: "Acme test", customer: "cus_1" },
  { name: "Beta", customer: "cus_2" },
] as const;
type Name = (typeof fleet)[number]["name"];

/** Each audience, its specificity, and its deployments. */
const audiences = {
  everyone: { rank: 0, text: undefined, names: ["Acme prod", "Acme test", "Beta"] },
  allBut: { rank: 1, text: "not: {customers: [cus_2]}", names: ["Acme prod", "Acme test"] },
  glob: { rank: 2, text: 'for: {deployments: ["* test"]}', names: ["Acme test"] },
  customer: { rank: 3, text: "for: {customers: [cus_1]}", names: ["Acme prod", "Acme test"] },
  id: { rank: 4, text: "for: {deployments: [DEP_2]}", names: ["Acme test"] },
} as const;
type AudienceName = keyof typeof audiences;

/** Values that are valid by themselves, and values that never are. Every 15 minutes can't be spread over two hours. */
const variables = {
  cron: {
    right: ["0 9 * * *", "*/15 * * * *", "*/10 * * * *"],
    wrong: ["0 25 * * *", "0 2 31 2 *", "evry day"],
  },
  zone: { right: ["UTC", "Europe/Berlin"], wrong: ["Europe/Berln", "local"] },
  spread: { right: ["10m", "2h", "3h"], wrong: ["45", "2d"] },
  prod: { right: ["true", "false"], wrong: ["yes"] },
  team: { right: ["a", "b"], wrong: ["x\\n"] },
  what: { right: ["y", "z"], wrong: [" "] },
} as const;
type VariableName = keyof typeof variables;
const variableNames = Object.keys(variables) as VariableName[];

export interface Value {
  text: string;
  isRight: boolean;
}

const anyValue = (
  name: VariableName,
  right: readonly string[] = variables[name].right,
): fc.Arbitrary<Value> =>
  fc
    .tuple(
      fc.noBias(fc.nat(60)),
      fc.constantFrom(...right),
      fc.constantFrom<string>(...variables[name].wrong),
    )
    .map(([chance, good, bad]) => ({ text: chance === 30 ? bad : good, isRight: chance !== 30 }));

/** One of each variable. */
const valuesBy = (make: (name: VariableName) => fc.Arbitrary<Value>) =>
  Object.fromEntries(variableNames.map((name) => [name, make(name)])) as Record<
    VariableName,
    fc.Arbitrary<Value>
  >;

interface Entry {
  audience: AudienceName;
  values: Partial<Record<VariableName, Value>>;
}

const unusual = (name: VariableName) => variables[name].right.slice(1);
/** One variable or two, because one entry rarely has both halves of a combined mistake. */
const someValues = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom<VariableName[]>(["cron"], ["spread"]) },
    { weight: 1, arbitrary: fc.subarray([...variableNames], { maxLength: 2 }) },
  )
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, anyValue(name, unusual(name))]))))
  .map((values): Entry["values"] => values);
const usual = (name: VariableName) => anyValue(name, variables[name].right.slice(0, 1));
const usualValues = fc.record(valuesBy(usual), { requiredKeys: [] });

/** Each audience once, because precedence is tested elsewhere. Unusual values are only for some. */
const entries = fc
  .uniqueArray(fc.constantFrom(...(Object.keys(audiences) as AudienceName[])), { maxLength: 4 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((audience) =>
        (audience === "everyone" ? usualValues : someValues).map((values): Entry => ({ audience, values })),
      ),
    ),
  );

const field = (right: readonly string[], wrong: readonly string[]) =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
const item = fc.record(
  {
    schedule: field(
      ["${cron}", "0 9 * * *", "${cron}", "${cron:-0 9 * * *}"],
      ["0 9 * *", "0 0 30 2 *", "${cron:-x}"],
    ),
    tz: field(["UTC", "${zone}", "${zone:-Europe/Berlin}"], ["Nowhere", "${zone:-Nowhere}"]),
    spread: field(["${spread}", "${spread:-10m}"], ["45", "${spread:-45}"]),
    enabled: field(["true", "${prod}", "${prod:-false}"], ["no", "${prod:-no}"]),
    named: fc.constantFrom("", " ${team}", " ${team:-z}"),
    instructions: field(["Do.", "${what}", "${what:-it}"], ["${what:- }"]),
    audience: fc.constantFrom<AudienceName>(
      "everyone",
      "everyone",
      "everyone",
      "everyone",
      "glob",
      "customer",
      "allBut",
    ),
  },
  { requiredKeys: ["schedule", "spread", "named", "instructions", "audience"] },
);
type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

/** All input of a lint, diff or apply, with values in order of precedence, lowest first. */
interface Layers {
  own: readonly Entry[];
  file: readonly Entry[];
  flags: Entry["values"];
}

export const anyManifest = fc
  .record({
    items: fc.array(item, { minLength: 1, maxLength: 3 }),
    // So that no variable is ever unset, which only a deployment can show.
    base: fc.record(valuesBy(usual)),
    own: entries,
    file: entries,
    flags: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, usualValues),
  })
  .map(({ items, base, own, ...rest }) => {
    const narrowed = own.filter(({ audience }) => audience !== "everyone");
    return new AnyManifest(items, { own: [{ audience: "everyone", values: base }, ...narrowed], ...rest });
  });

export class AnyManifest {
  /** The lines of each item, by field. */
  readonly #lines: Record<string, number>[] = [];
  /** The position of each value in a file or on the command line. */
  readonly #places = new Map<Value, string>();
  readonly text: string;
  readonly valuesText: string;

  constructor(
    private readonly items: readonly Item[],
    private readonly layers: Layers,
  ) {
    this.text = [...this.#writeEntries("herm.yaml", ["values:"], layers.own), ...this.#writeItems()].join(
      "\n",
    );
    this.valuesText = this.#writeEntries("values.yaml", [], layers.file).join("\n");
    for (const [name, value] of given(layers.flags)) this.#places.set(value, `--var ${name}`);
  }

  /** The words of flags. */
  get words(): string[] {
    const ofFile = this.layers.file.length === 0 ? [] : ["--values", "values.yaml"];
    return [
      ...ofFile,
      ...given(this.layers.flags).flatMap(([name, { text }]) => ["--var", `${name}=${plain(text)}`]),
    ];
  }

  /** The positions of values that are never valid and that an item may use. */
  get wrongPlaces(): string[] {
    const { own, file, flags } = this.layers;
    const all: Entry[] = [...own, ...file, { audience: "everyone", values: flags }];
    return all.flatMap(({ audience, values }) =>
      given(values).flatMap(([name, value]) => {
        const isUsed = this.items.some((each) => uses(each, name) && canMeet(audience, each.audience));
        return value.isRight || !isUsed ? [] : (this.#places.get(value) ?? []);
      }),
    );
  }

  /** True if no value is invalid by itself. */
  get isRightAlone(): boolean {
    const isWrong = (text: string | undefined) =>
      ["0 9 * *", "0 0 30 2 *", "Nowhere", "45", "no"].some(
        (each) => text === each || text?.endsWith(`:-${each}}`),
      ) ||
      text === "${cron:-x}" ||
      text === "${what:- }";
    const texts = this.items.flatMap(({ schedule, tz, spread, enabled, instructions }) => [
      schedule,
      tz,
      spread,
      enabled,
      instructions,
    ]);
    const { own, file, flags } = this.layers;
    const values = [...own, ...file]
      .map((entry) => entry.values)
      .concat(flags)
      .flatMap(given);
    return !texts.some(isWrong) && values.every(([, { isRight }]) => isRight);
  }

  /** Sources of the values that are combined in a text of an item there, without defaults and the item's own text. */
  sourcesAt(line: number, deployment: Name): number {
    const at = this.#lines.findIndex((lines) => Object.values(lines).includes(line));
    const found = this.items[at];
    if (found === undefined) throw new Error(`no item in line ${line}`);
    const name = Object.entries(this.#lines[at] ?? {}).find(([, each]) => each === line)?.[0] ?? "";
    const texts = ["schedule", "tz", "spread"].includes(name)
      ? [found.schedule, found.tz, found.spread]
      : [name === "name" ? found.named : found[name as "enabled"]];
    const used = variableNames.filter((variable) => texts.some((text) => text?.includes(`\${${variable}`)));
    return new Set(used.flatMap((variable) => this.#sourceOf(variable, deployment) ?? [])).size;
  }

  #sourceOf(variable: VariableName, deployment: Name): Entry | undefined {
    const { own, file, flags } = this.layers;
    const all: (readonly Entry[])[] = [own, file, [{ audience: "everyone", values: flags }]];
    const fitting = all.map((layer) =>
      layer
        .filter(({ audience, values }) => variable in values && names(audience).includes(deployment))
        .toSorted((one, other) => audiences[other.audience].rank - audiences[one.audience].rank),
    );
    return fitting.findLast((layer) => layer.length > 0)?.[0];
  }

  #writeEntries(file: string, head: readonly string[], all: readonly Entry[]): string[] {
    const lines = [...head];
    for (const { audience, values } of all) {
      lines.push(`  - ${audiences[audience].text ?? "{}"}`.replace("- {}", "- unused: x"));
      for (const [name, value] of given(values)) {
        lines.push(`    ${name}: "${value.text}"`);
        this.#places.set(value, `${file}:${lines.length}`);
      }
    }
    return lines;
  }

  #writeItems(): string[] {
    const lines = this.#writeEntries("herm.yaml", ["values:"], this.layers.own);
    const start = lines.length;
    lines.push("automations:");
    for (const [at, each] of this.items.entries()) {
      const { audience, named, ...fields } = each;
      lines.push(`  - name: "A${at}${named}"`);
      const own: Record<string, number> = { name: lines.length };
      for (const [name, text] of Object.entries(fields)) {
        const isBare = name === "enabled" && ["true", "no"].includes(text);
        lines.push(`    ${name}: ${isBare ? text : `"${text}"`}`);
        own[name] = lines.length;
      }
      const { text } = audiences[audience];
      if (text !== undefined) lines.push(`    ${text}`);
      this.#lines.push(own);
    }
    return lines.slice(start);
  }
}

const given = (values: Entry["values"]) => Object.entries(values) as [VariableName, Value][];
const names = (audience: AudienceName): readonly string[] => audiences[audience].names;
const plain = (text: string) => text.replace("\\n", "\n");
const canMeet = (one: AudienceName, other: AudienceName) =>
  names(one).some((name) => names(other).includes(name));

function uses({ named, audience: _, ...fields }: Item, name: VariableName): boolean {
  return [named, ...Object.values(fields)].some((text) => text.includes(`\${${name}`));
}
