import type { TopicText } from "../topic.js";

const manifest = `# herm.yaml
deployments: [dep_7xK9s2]         # optional, ids or names; flags win
customers: [cus_42]               # optional, all of theirs too
automations:
  - name: Weekly video variations # which identifies it in a deployment
    schedule: every Monday at 9am
    tz: Europe/Berlin             # optional; UTC each time it is applied
    spread: 45m                   # optional; each deployment its minute
    instructions: |               # or instructions_file: weekly.md
      Look at our top-performing influencer video from last week
      and make five variations.
    enabled: false                # optional; pauses it
    initial: [schedule]           # optional; then the customer's own
    id: weekly-variations         # optional; a key that outlives its name
    formerly: Weekly videos       # optional; a name to rename from
    dst_ok: true                  # optional; no warning about clocks
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
    "A manifest says which automations a deployment should have. `export` writes one from what exists, `diff` shows what differs, and `apply` makes the deployment match it.",
    {
      commands: [
        ["herm automations export --to weekly.yaml", "what one deployment has"],
        ["herm automations lint --file herm.yaml", "mistakes and likely mistakes, offline"],
        ["herm automations diff --file herm.yaml", "old and new values; 9 if anything differs"],
        ["herm automations apply --file herm.yaml", "shows the same, asks, and changes it"],
      ],
    },
  ],
  sections: [
    {
      title: "The first hour",
      blocks: [
        "Start from an export, or from this file, which has every field of an automation. For your editor, `herm automations apply --print-schema` prints its JSON Schema.",
        { lines: manifest },
        {
          list: [
            "Automations are matched by name. A second apply changes nothing, and finishes one that was interrupted.",
            "What the file doesn't name is never touched: deleting a line deletes nothing. `removed: [Old weekly report]` does.",
            "What somebody paused stays paused: `herm automations apply -f herm.yaml --resume-paused` resumes what says `enabled: true`.",
            "To rename one, give the old name too: `formerly: Weekly videos`. Otherwise it is another automation.",
            "`initial: [schedule]` sets the schedule once, and then leaves it to the customer; also name, instructions, enabled or all.",
            "`tz: Europe/Berlin` becomes UTC at each apply: `herm automations diff -f herm.yaml --strict-dst` finds what daylight saving has moved since.",
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
              "a folder, for every deployment",
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
        "With values, one file fits every customer:",
        { lines: values },
        {
          list: [
            "`${deployment.name}`, `${deployment.id}` and `${deployment.customer_id}` always have a value. Write a literal `${` as `$${`.",
            "The last of these wins: `values` in the manifest, `--values prod.yaml`, HERM_VAR_hour=7, `--var hour=7`. Within one, the narrowest wins: an id, a customer, a glob, everybody. `herm automations diff -f automations --verbose` shows where each comes from.",
            'Whom it is for: `for: {customers: [cus_42]}` and `not: {deployments: ["* test"]}` take ids or globs of names; `not` beats `for`. At the top of a file they apply to all of it, as `defaults` does. Of two items with one name, the narrower counts.',
            "`deployments` and `customers` say where a file goes; `--deployment` and the like replace them. `--recursive` also reads subfolders.",
            "`spread: 45m` starts each deployment 0 to 44 minutes later, always the same. It needs a schedule with one minute of the hour, as `0 9 * * 1`; one such as `*/30` takes `30m` at most.",
          ],
        },
        "The record is a file that says which automations are yours, beside the customers' own. Keep it in git, or in your CI's cache:",
        {
          commands: [
            [
              "herm automations adopt --file automations --all-deployments --record herm.lock.yaml --dry-run",
              "what of the files exists; without --dry-run it starts the record",
            ],
            [
              "herm automations apply --file automations --all-deployments --record herm.lock.yaml --prune --yes",
              "deletes what the record has and the files no longer name",
            ],
          ],
        },
        {
          list: [
            "`record: herm.lock.yaml` in a manifest is the same as `--record`. All files share one record.",
            "What it doesn't have is `skipped: not ours`, until `adopt <ref>` records it.",
            "`id: weekly-variations` is its key there, instead of the name, so that the name may change.",
            "What a customer renamed gets its name back. What they deleted is `skipped`, until `--recreate`.",
            "`leaving: [dep_9mW3x1]` deletes what the record has in that deployment. The line may stay.",
            "In git, `herm.lock.yaml merge=union` in .gitattributes merges the records of two branches.",
          ],
        },
        "Save a plan, have it reviewed, and do exactly that:",
        {
          commands: [
            [
              "herm automations apply --file automations --all-deployments --plan-out plan.json",
              "changes nothing; 9 if there is something to change",
            ],
            ["herm automations apply --plan plan.json --dry-run", "shows it"],
            ["herm automations apply --plan plan.json --yes", "does that, and nothing else"],
          ],
        },
        "A plan is for one API, and good for 7 days. It has your instructions, and no key.",
        "CI needs HERM_API_KEY, and `--yes` for deletions. `herm help gitops` has whole pipelines. Reports for a test view and a comment:",
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
            ["herm.yaml:4:15: …", "a mistake there (2); all are listed, and nothing was sent"],
            ["no record", "the named file is missing or empty (6): `adopt` starts it, never apply"],
            [
              "another API",
              "the record is of another API, or the key sees none of its deployments (6): look at the key",
            ],
            [
              "two lines, one key",
              "git merged two branches: nothing changes in that deployment; delete one of the lines shown",
            ],
            [
              "paused … would go",
              "deleting what is paused while creating something stops there (6): say with `id`, `formerly` or `removed` what became of it",
            ],
            [
              "held by INC-42",
              "an open incident holds it, so it isn't deleted (`herm incidents show INC-42`)",
            ],
            ["runs twice", "a copy that isn't in the record: `--remove-twins` deletes it"],
            [
              "renamed, and now twice",
              "without a record, a new name is a new automation: give the old one with `formerly`",
            ],
            [
              "too many deletions",
              "more than 5 in one deployment (6): nothing was changed; allow them with `--max-deletes 20`",
            ],
            [
              "changed since the plan",
              "somebody was faster; the rest is done. Save the plan again. If lines of the record changed, nothing is done (6)",
            ],
            [
              "not ready",
              "skipped with a warning, or 8 if given by name or with `--strict`: `--wait-ready 5m` waits for it",
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
