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
    enabled: false                # optional; see below
    initial: [schedule]           # optional; then the customer's own
    id: weekly-variations         # optional; its key in the record
    formerly: Weekly videos       # optional; a name to rename from
    dst_ok: true                  # optional; see below
defaults: {tz: Europe/Berlin}     # optional; spread, initial, enabled too
not: {deployments: ["* test"]}    # optional, for: too; see Values
removed: [Old weekly report]      # deleted if it exists
leaving: [dep_9mW3x1]             # optional; see The record
record: herm.lock.yaml            # optional; see below`;

const values = `values:                           # or below --values, in a file of its own
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
    {
      commands: [
        ["herm automations apply --file herm.yaml --dry-run", "what would change"],
        [
          "herm automations apply --file defaults.yaml --customer cus_42 --var team=growth",
          "with a value, for one customer's deployments",
        ],
        [
          "herm automations apply --file defaults.yaml --values prod.yaml --all-deployments",
          "with the values of a file",
        ],
        ["herm automations lint --file automations --strict", "offline, what is wrong and what is odd"],
        ["herm automations diff --file automations --all-deployments", "9 if anything differs"],
        ["herm automations export --all-deployments --to automations", "a file for each deployment"],
        [
          "herm automations adopt --file automations --all-deployments --record herm.lock.yaml --dry-run",
          "what of them exists and would go into a record",
        ],
        [
          "herm automations export --all-deployments --by-name --to automations",
          "with names for ids, for another environment",
        ],
        ["herm automations apply --print-schema > herm.schema.json", "the file's form, for your editor"],
      ],
    },
  ],
  sections: [
    { title: "A manifest", blocks: [{ lines: manifest }] },
    {
      title: "What is changed, and what isn't",
      blocks: [
        {
          list: [
            "Applying twice changes nothing the second time, and an interrupted apply is finished by the same command.",
            "What the files don't name is never touched, since customers make automations of their own; `--prune` deletes only what a record has. More than `--max-deletes` (5) deletions in one deployment, and nothing is done anywhere.",
            "What was paused stays paused, whatever the file says; `--resume-paused` turns on what says `enabled: true` itself. `enabled: false` pauses. `enabled: true`, or none, counts when it is created.",
            "What `initial` lists (name, schedule, instructions, enabled, or all) is set when the automation is created, and neither compared nor changed from then on.",
            "What doesn't exist yet, but has the schedule and instructions of one that the files don't name, looks renamed (a `git revert` of a rename): without a record it isn't created until `formerly` or `id` decides. Beside what an open incident of this data folder holds, nothing of the same schedule and instructions is created.",
            "`spread: 45m` moves each deployment's automation by 0 to 44 minutes, so that a thousand customers don't fire in the same one: always by as much for one deployment and name (a new name is a new minute). It takes a schedule with one minute of the hour, and a day at most, or one of every n minutes, and n minutes at most. What comes past the hour moves the hour, past midnight the day, all in UTC; where one cron can't say that for the whole window, it is a mistake.",
            "Warnings stop nothing, and name `file:line:column`: daylight saving skips or doubles a local time within a year, unless the automation says `dst_ok: true`; a schedule never fires (30 February); two names have the same instructions, unless one has an `id`. `lint` tells the same offline, and minutes of the coming month in which more than 20 automations run, with 9 for `--strict`: of the deployments that the files or `--deployment` name, since it knows no others.",
            "`instructions_file` is relative to the manifest, and must lie in its git repository (outside of one: in its folder), links resolved. A text that holds one of your API keys is refused.",
            "An `id` (letters, digits and `-`) is an item's key in the record, in place of its name: it may be renamed then. `export` writes one only where a name exists twice.",
          ],
        },
      ],
    },
    {
      title: "Values",
      blocks: [
        { lines: values },
        {
          list: [
            "Every text may hold `${name}` or `${name:-default}`, also where a word, or true and false, are wanted. `${deployment.name}`, `${deployment.id}` and `${deployment.customer_id}` are always there. A plain `${` is written `$${`, which is how `export` writes it. What isn't set is a mistake.",
            "In rising order: the manifest's `values`, for that file alone; `--values <file>`, of several the last; the environment's `HERM_VAR_<name>`; `--var name=value`. A file of values has what stands below `values:`, a map or a list of maps; keep those that you don't name out of a folder that is applied with `--prune`. For an editor `#/$defs/values` of the schema is its form. Values are put in once, as they are, and hold no variables.",
            "`for:` names deployments, by ids or globs on names (`*` and `?` alone), and customers: it fits whoever any of them fits. `not:` leaves out whom it fits, whatever `for:` says. Within one source an id beats a customer, a customer a glob, a glob what is for all, and of equals the later wins.",
            "At the top of a file they are for all that is in it: an automation is for whom both fit, and an automation's own value replaces one of `defaults`.",
            "The same goes for automations of one name: the one meant most narrowly counts. One that is for some only is neither made nor changed elsewhere.",
            "`diff --verbose` tells what each variable is, and where that stands: `${hour} = 7  herm.yaml:4:41`. Without it, what the values alone make different in each deployment is told once, with the name as the manifest has it, and shown as it is in the first.",
            "What `deployments`, `customers`, `initial`, `for:` and `not:` hold must be the same for every deployment; `for:` and `not:` of values hold no variables.",
          ],
        },
      ],
    },
    {
      title: "The record",
      blocks: [
        "Customers make automations of their own beside those of your files. `record: herm.lock.yaml` in a manifest, or `--record <file>`, keeps in a file which ones apply made. Keep that file with the manifests, or in your CI's cache.",
        {
          list: [
            "Only `automations adopt` starts it: `--file` takes in what exists of the files, by name, and shows how much it leaves out. Where it is named and isn't there, or is empty, `apply` and `diff` end with 6 and send nothing.",
            "What it doesn't have isn't touched: an automation found by name alone is `skipped: not ours` (8 with `--strict`), until `automations adopt <ref>` takes it in. One that is the same as one of its own is a warning; `--remove-twins` deletes it.",
            "An item is found by its key (its `id`, else its name); else by `formerly`, then its name, as a key that no other item has. Give an automation an `id` and a new name in one commit, and it needs `formerly` too.",
            "With it `--prune` deletes what it has and the files no longer name, in the deployments that they name. Every deletion says whether it stops something `enabled` or `paused`; what an open incident here holds is `skipped`. Where something paused would go and something new be created in one deployment, that one stops (6) until `id`, `formerly` or `removed` says what became of it: a fix never brings back what was paused.",
            "What a customer deleted isn't created again, but `left`, until `--recreate`. What a customer renamed gets its name back.",
            "`leaving: [dep_9mW3x1, Acme]`, of ids and exact names, makes nothing there and deletes what the record has there, with its number in the question. That doesn't count for `--max-deletes`, and once done it may fit nobody. Only so does the record forget a deployment that is gone.",
            "A record of another API, or one of whose deployments the key sees none, ends the command with 6 before anything is sent.",
            "It is written line by line as apply goes, so that a killed one is finished by the same command, and sorted, so that git merges it: with `merge=union` for it in .gitattributes also where two branches made something in one deployment. What git couldn't merge is refused with its line; two lines with one key, or for one automation, stop their deployment, with the lines to choose from.",
            "All files have one record. A manifest's is in its git repository (outside of one: in its folder). Two applies with one record wait for each other.",
          ],
        },
      ],
    },
    {
      title: "Many files, many deployments",
      blocks: [
        {
          list: [
            "`--file` takes a file, a folder or `-`, and repeats: it stands before each file, and a shell's `*.yaml` doesn't do. Each file's automations go to its own `deployments`, by ids or exact names, and to all those of its `customers`; flags replace both for all files. A name that matches none or several is a mistake. Globs work only in `for:` and `not:`.",
            "To promote: `export --by-name` writes names of deployments and no ids, so that the files apply to another environment with the same names. Two deployments, or two automations of one deployment, that share a name can't be written so.",
            "A folder is read without the folders in it; those that hold manifests are named. `--recursive` reads them too (no dot folders, no `node_modules`, no links to folders). Files without `automations` or `removed` at the top are skipped with a note. With `--prune` neither may be skipped: exit code 2.",
            "A deployment that a selection finds and that isn't ready, or broken (`status: error`), is left out with a warning; `--wait-ready 5m` waits for those that aren't ready. One that is named fails: `apply` waits two minutes for it, `diff` ends with 8. With `--strict` all of these fail (8), and so does what matches nothing: `--match` and `--except` (4), and the ids, customers and globs of `for:` and `not:` (2), where the command is for all deployments.",
            "`herm automations export | herm automations apply --file -` asks on the terminal itself before it changes anything. Where none can be opened, as on Windows, it needs `--yes`.",
            "All mistakes are told at once as `file:line:column`, before anything is sent.",
            "Over several deployments equal changes, and equal failures, are told once, also where values make them differ; what somebody has written in one of them, and is lost, is told by itself. `--verbose` tells each by itself. It ends with the command that does the rest.",
            "`diff`, `--dry-run` and `--plan-out` show the same plan, with old and new values: on a terminal as the result, elsewhere on stderr, beside rows of what isn't unchanged (`--verbose`: every row). Nothing to do is one line. `diff` ends with 8 where it could compare no deployment. `-o name` prints the ids of what differs (`diff`) or was changed (`apply`).",
          ],
        },
      ],
    },
    {
      title: "Saved plans",
      blocks: [
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
        {
          list: [
            "What is reviewed is what is done: each automation is read again right before it is changed, and one that anybody has touched since is `failed: changed since the plan`. The rest is done, and what is as planned already is `unchanged`, so the same command goes on after a kill.",
            "A plan is for one API and one day (`--max-age`). What can't be done isn't in it, and is told when it is saved (6 or 8). `--max-deletes`, HERM_FREEZE and what incidents hold count when it is carried out.",
            "It has the record's lines that it was made from: where one of them is gone or another since, nothing is done (6). The file has the instructions of your automations, and is readable for you alone; no key is in it. It is made anew rather than changed by hand.",
          ],
        },
      ],
    },
    {
      title: "In CI",
      blocks: [
        "Nothing is asked off a terminal: what is missing ends with 2 and names every flag at once. The key comes from the CI's secrets, as HERM_API_KEY; there is no flag for it.",
        {
          commands: [
            'herm automations create --name "Weekly video variations" --schedule "0 9 * * 1" --instructions-file prompt.md -d dep_7xK9s2 -o json',
            ["herm automations list --all-deployments --failing --exit-code", "9 if anything is listed"],
          ],
        },
        "`--report junit=<file>` and `--report markdown=<file>` of `apply`, `diff` and `lint` write reports, whatever the outcome: JUnit's XML for GitLab (`artifacts: reports: junit`) and Jenkins (`junit '*.xml'`), with a test case for each automation at its line of the manifest, and a short Markdown for the comment of a pull request. What differs is a failure in the report of `diff`. A file that isn't such a report is never overwritten.",
        {
          commands: [
            [
              "herm automations diff --file automations --report junit=herm.xml --report markdown=herm.md",
              "both, in one go",
            ],
          ],
        },
        "Under GitHub Actions mistakes, failures and differences stand at their line of the manifest, and the plan in the step's summary. `diff` needs a key with `deployments:read` only. `--yes` is for what `removed` and `--prune` delete; without it a job that would delete ends with 2. A folder that `export` wrote has its deployments in every file: leave `--all-deployments` out, since flags win. HERM_FREEZE holds jobs back during an incident.",
        "`herm help gitops` has pipelines for GitHub, GitLab and Jenkins.",
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
