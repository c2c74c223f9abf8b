import type { TopicText } from "../topic.js";

const manifest = `# herm.yaml
deployments: [dep_7xK9s2]         # optional, ids or names; flags win
customers: [cus_42]               # optional, all of theirs too
automations:
  - name: Weekly video variations # matched by it, within a deployment
    schedule: every Monday at 9am
    tz: Europe/Berlin             # optional; UTC each time it is applied
    spread: 45m                   # optional; a minute for each deployment
    instructions: |               # or instructions_file: weekly.md
      Look at our top-performing influencer video from last week
      and make five variations.
    enabled: false                # optional; pauses it
    initial: [schedule]           # optional; then the customer's own
    id: weekly-variations         # optional; a key that outlives its name
    formerly: Weekly videos       # optional; a name to rename from
    dst_ok: true                  # optional; no warning of shifts
defaults: {tz: Europe/Berlin}     # optional; spread, initial, enabled too
not: {deployments: ["* test"]}    # optional, for: too
removed: [Old weekly report]      # deleted if it exists`;

const values = `values:                           # without this line a file for --values
  - team: growth                  # for every deployment
    hour: 9
  - for: {customers: [cus_42]}    # for some; not: leaves some out
    hour: 7
automations:
  - name: Report of \${team}
    schedule: every day at \${hour}am
    tz: \${zone:-Europe/Berlin}    # unset or empty: Europe/Berlin
    instructions_file: texts/\${team}.md
    enabled: \${prod:-false}
    not: {deployments: ["* test"]}`;

export const topicText: TopicText = {
  about: [
    "A manifest says which automations a deployment should have. `apply` makes it so, `diff` shows what differs, and `export` writes a manifest from what exists.",
  ],
  sections: [
    {
      title: "The first hour",
      blocks: [
        "Start from what exists, or from this file, which has every field of an automation:",
        { commands: [["herm automations export --to weekly.yaml", "what one deployment has"]] },
        { lines: manifest },
        {
          commands: [
            ["herm automations lint --file herm.yaml", "mistakes and warnings, offline"],
            ["herm automations diff --file herm.yaml", "old and new values; 9 if anything differs"],
            ["herm automations apply --file herm.yaml", "the same, asks, and does it"],
            ["herm automations apply --print-schema > herm.schema.json", "the form, for your editor"],
          ],
        },
        {
          list: [
            "An automation is found by its name. A second apply changes nothing, and the same command finishes one that was interrupted.",
            "What the file doesn't name is never touched: a line that you delete deletes nothing. `removed: [Old weekly report]` does.",
            "What somebody paused stays paused: `herm automations apply -f herm.yaml --resume-paused` turns on what says `enabled: true`.",
            "A new name needs the old one, as `formerly: Weekly videos`, or it is another automation.",
            "`initial: [schedule]` sets the schedule once, and leaves it to the customer then; also name, instructions, enabled or all.",
            "`tz: Europe/Berlin` becomes UTC at each apply: `herm automations diff -f herm.yaml --strict-dst` finds what daylight saving moved since.",
          ],
        },
      ],
    },
    {
      title: "Many customers",
      blocks: [
        {
          commands: [
            [
              "herm automations apply --file automations --values prod.yaml --all-deployments",
              "a folder, for everybody",
            ],
            [
              "herm automations apply --file automations --customer cus_42 --var team=growth",
              "for one customer's deployments",
            ],
            [
              "herm automations export --all-deployments --by-name --to automations",
              "a file for each deployment; --by-name suits another environment too",
            ],
          ],
        },
        "Values make one file fit them all:",
        { lines: values },
        {
          list: [
            "`${deployment.name}`, `${deployment.id}` and `${deployment.customer_id}` are always there; a plain `${` is written `$${`.",
            "The last of these wins: `values` in the manifest, `--values prod.yaml`, HERM_VAR_hour=7, `--var hour=7`. Within one, what is for fewer wins: an id, a customer, a glob, everybody. `herm automations diff -f automations --verbose` says where each is from.",
            'Whom it is for: `for: {customers: [cus_42]}` and `not: {deployments: ["* test"]}` name ids, or globs of names; `not` beats `for`. At the top of a file they are for all of it, as `defaults` is. Of one name, the item for fewer counts.',
            "`deployments` and `customers` say where a file goes, `--deployment` and the like replace them. A folder is read without those in it (`--recursive`).",
            "`spread: 45m` starts each deployment 0 to 44 minutes later, always the same. The schedule has one minute of the hour, as `0 9 * * 1`, or is `*/30` with `30m` at most.",
          ],
        },
        "The record is a file that says which automations are yours, beside the customers' own. Keep it in git, or in your CI's cache:",
        {
          commands: [
            [
              "herm automations adopt --file automations --all-deployments --record herm.lock.yaml --dry-run",
              "what exists of the files; without --dry-run it starts the record",
            ],
            [
              "herm automations apply --file automations --all-deployments --record herm.lock.yaml --prune --yes",
              "delete what it has and the files no longer name",
            ],
          ],
        },
        {
          list: [
            "`record: herm.lock.yaml` in a manifest does as `--record`. All files have one record.",
            "What it doesn't have is `skipped: not ours`, until `adopt <ref>` takes it in.",
            "`id: weekly-variations` is the key in it, in place of the name: the name may change then.",
            "What a customer renamed gets its name back. What they deleted is `left`, until `--recreate`.",
            "`leaving: [dep_9mW3x1]` deletes there what the record has, and may stay when nothing is left.",
            "In git, `herm.lock.yaml merge=union` in .gitattributes merges what two branches made.",
          ],
        },
        "A saved plan is reviewed, and done as it is:",
        {
          commands: [
            [
              "herm automations apply --file automations --all-deployments --plan-out plan.json",
              "send nothing; 9 if it changes anything",
            ],
            ["herm automations apply --plan plan.json --dry-run", "show it"],
            ["herm automations apply --plan plan.json --yes", "do that, and nothing else"],
          ],
        },
        "It is for one API, and good for 7 days. It has your instructions, and no key.",
        "In CI nothing is asked: `--yes` is for deletions, and the key is HERM_API_KEY. `herm help gitops` has whole pipelines. Reports, for a test view and a comment:",
        {
          commands: [
            [
              "herm automations diff --file automations --report junit=herm.xml --report markdown=herm.md",
              "needs deployments:read only",
            ],
          ],
        },
      ],
    },
    {
      title: "When it goes wrong",
      blocks: [
        {
          rows: [
            ["herm.yaml:4:15: …", "a mistake there (2); all are named, and nothing was sent"],
            ["no record", "it is named, and missing or empty (6): `adopt` starts it, never apply"],
            [
              "another API",
              "the record is of another API, or the key sees none of its deployments (6): look at the key",
            ],
            [
              "two lines, one key",
              "git merged two branches: that deployment stops, and the lines to choose from are named",
            ],
            [
              "paused … would go",
              "a fix that deletes what is paused and creates something stops there (6): `id`, `formerly` or `removed` says what became of it",
            ],
            ["held by INC-42", "an open incident holds it: it isn't deleted (`herm incidents show INC-42`)"],
            ["runs twice", "a copy that isn't in the record: `--remove-twins` deletes it"],
            [
              "renamed, and there twice",
              "without a record a new name is a new automation: `formerly` names the old one",
            ],
            ["too many deletions", "more than 5 in one deployment (6), nothing was done: `--max-deletes 20`"],
            [
              "changed since the plan",
              "somebody was there first; the rest is done. Save the plan again. Where the record's lines changed, nothing is done (6)",
            ],
            [
              "not ready",
              "left out with a warning, or 8 if named or with `--strict`: `--wait-ready 5m` waits for it",
            ],
            ["some failed (8)", "the others are done: run the same command again"],
            ["an answer was lost (12)", "run the same command again: it looks first"],
          ],
        },
        "To see one customer alone, with every value: `herm automations diff -f automations --customer cus_42 --verbose`. To undo an apply: `herm undo`. To hold all jobs back during an incident: HERM_FREEZE.",
      ],
    },
  ],
  see: [
    "gitops",
    "automations apply",
    "automations diff",
    "automations adopt",
    "automations lint",
    "automations export",
    "schedules",
    "incidents",
  ],
};
