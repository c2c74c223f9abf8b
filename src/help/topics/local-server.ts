import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "herm brings the whole API for your machine: real HTTP, event streams and a scheduler on 127.0.0.1, with data in a file. Try, develop and test without an account; nothing leaves your machine.",
  ],
  sections: [
    {
      title: "Using it",
      blocks: [
        "`--local` on any command uses it, and starts one in the background if none runs. It stops after ten idle minutes, unless an automation is due within the hour.",
        {
          commands: [
            ["herm --local automations list", "the automations on it; it starts empty"],
            ["herm dev", "run it in the foreground, until Ctrl-C"],
            ["herm dev status", "whether it runs, where, and until when"],
            ["herm dev stop", "stop it"],
            ["herm dev reset --yes", "start over; the old data is saved beside it"],
          ],
        },
        "Every server has its own data file: `--data <file>` names another one. `herm dev deployment <name>` creates a deployment on one that runs; so does a plain POST to /v1/deployments, as the API has it.",
        {
          commands: [
            [
              'herm dev deployment "Acme EU" --customer cus_acme',
              "create a deployment; it is ready when its id is printed",
            ],
          ],
        },
        "In the foreground it prints a line on stderr for each change, each scheduled run and each run's end. `--quiet` turns that off.",
        "A new one has one deployment, `dep_local`. What was due while it was stopped runs once when it starts again. It may be killed at any moment without losing data.",
      ],
    },
    {
      title: "A fleet to try",
      blocks: [
        "The profile `example` is a local server of its own, with a fleet: 15 deployments of 12 customers, some 60 automations and months of their runs. Some fail, some are late, paused or waiting for an answer. It is the same for everybody. `export HERM_PROFILE=example` makes every command work on it.",
        {
          commands: [
            ["herm --profile example status", "what needs attention; the first command starts it"],
            ["herm dev --example", "run it in the foreground"],
            ["herm dev reset --example --yes", "start it over"],
          ],
        },
      ],
    },
    {
      title: "Rehearse an incident",
      blocks: [
        "`herm dev fault <kind>` simulates a fault for the next requests to a server that runs: one, or as many as `--count` says. `--method` and `--path` choose which; `*` stands for one part of a path, `**` for the rest. `--example` and `--data` name the server, as for all of `herm dev`.",
        {
          commands: [
            ["herm dev fault fail --status 503 --count 3", "three requests are answered with an error"],
            ["herm dev fault delay --for 5s", "the answer comes late"],
            ["herm dev fault cut --method GET", "the connection breaks off, and nothing is done"],
            ["herm dev fault commit --method PATCH", "the change takes effect, but its answer is lost"],
            ['herm dev fault run-paused "Weekly report"', "a paused automation starts a scheduled run"],
            ["herm dev fault list", "the faults that are left"],
            ["herm dev fault clear", "end them all"],
          ],
        },
        "Pause a fleet with `--incident INC-42`, let one automation run although it is paused, and `herm incidents show INC-42` ends with 8 and names it.",
      ],
    },
    {
      title: "Its agent",
      blocks: [
        "A small scripted agent does each run. A line in the instructions says how the run ends:",
        {
          rows: [
            ["@dev fail <reason>", "the run fails"],
            ["@dev ask <question>", "the run waits for an answer"],
            ["@dev wait <seconds>", "the run takes that long"],
          ],
        },
        "`--agent` runs a program of yours instead: instructions on stdin, answer on stdout. An exit code other than 0, or more than 4 MiB of output, fails the run.",
        { commands: ["herm dev --agent 'my-agent --stdin'"] },
      ],
    },
    {
      title: "In tests",
      blocks: [
        "A server in memory prints one line of JSON once it accepts requests (url, api_key, data, pid, deployments):",
        { commands: ["herm dev --memory --port 0 -o json"] },
        "Calls below `/_dev/` move its clock and simulate faults, so that tests need not wait. With HERM_API_URL and HERM_API_KEY set to what that line says:",
        {
          lines: `dev() { curl -s -H "Authorization: Bearer $HERM_API_KEY" \\
  -H 'Content-Type: application/json' "$HERM_API_URL/_dev/$@"; }
dev clock -d '{"advance_s": 86400}'
dev faults -d '{"method": "POST", "path": "/v1/deployments/*/automations",
  "action": {"type": "commit_then_fail"}}'
dev requests`,
        },
        {
          rows: [
            [
              "clock",
              "moves the clock forward; what is due on the way runs, in order. Commands use this clock too, as in `--since 2h`. At most 1,000 scheduled runs at once",
            ],
            ["faults", "simulates a fault, as `herm dev fault <kind>` does"],
            ["requests", "how many requests were served, by method and path"],
          ],
        },
      ],
    },
    {
      title: "Who can reach it",
      blocks: [
        "Only this machine, and only with its key, which lies beside the data for you alone. It refuses requests for any host but `127.0.0.1:<port>`, and those of web pages. It never takes or forwards a real key.",
        "A run's events can be replayed for a week after its end; what it said stays in its thread.",
      ],
    },
  ],
  see: ["dev", "security", "environment"],
};
