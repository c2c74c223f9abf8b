import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "herm keeps keys in files that only you can read, sends each key only where it belongs, and never obeys text that it prints. It has no telemetry and no update check.",
    {
      commands: [
        ["herm auth login", "save a key once the API has accepted it"],
        ["herm auth status", "which key is used, and whether it works"],
        ["herm auth logout", "forget it; the key itself stays valid"],
      ],
    },
  ],
  sections: [
    {
      title: "Your keys",
      blocks: [
        {
          list: [
            "A key comes from HERM_API_KEY or PRISM_API_KEY, or from `credentials.json` in the config folder: folder 0700, file 0600 whatever the umask, never through a symbolic link or somebody else's file, replaced whole under a lock.",
            "A saved key is sent only to its origin: one for `https://api.acme.example` never goes to `--api-url https://acme.example`. One from the environment goes to `--api-url`, `HERM_API_URL` or the default API, never to a profile's URL.",
            "Only its last 4 characters are ever shown: `…x7Qa`. There is no flag for it: every process can see a command line, with `ps`.",
            "A key in your text is refused (2) before anything is sent or saved, in any text, flag or HERM_REASON: `an API key is in --name`.",
            "`--debug` and errors print `[redacted]` for a key, even where a server repeats one. An editor or agent that herm starts finds neither variable set.",
          ],
        },
      ],
    },
    {
      title: "What is sent",
      blocks: [
        "What a command needs goes to the API in use, with its key and herm's version, and nowhere else: `herm automations list --debug` shows each request. A proxy sees host and port. TLS is always checked (`NODE_TLS_REJECT_UNAUTHORIZED=0` is refused), and plain `http://` goes only to this machine, as to `http://127.0.0.1:4141`. Redirects are followed only for reads, within one origin: from `/v1/runs` to another path, never to another host.",
      ],
    },
    {
      title: "What is saved on your machine",
      blocks: [
        "`herm config list` shows the folders. Only you can enter them or read their files. In the config folder:",
        {
          rows: [
            ["credentials.json", "keys, each with its origin"],
            ["config.json", "profiles: an API's URL, a deployment; no secrets"],
          ],
        },
        "In the data folder:",
        {
          rows: [
            [
              "history/",
              "every change: who, why, and the automation before and after; the last 10,000 or 256 MiB",
            ],
            [
              "history/incidents/",
              "ledgers: names, ids, schedules, a hash of the instructions, who and why, the key's last 4 characters",
            ],
            ["texts/", "text you wrote that couldn't be sent"],
            ["turns/", "which process works in which deployment right now"],
            ["runs.jsonl", "ids and times of runs that were seen"],
            ["completion.json", "names for the shell's completion"],
            ["dev.db, example.db", "the local server's data; beside it its log and random key"],
          ],
        },
        "`~/.cache/herm` holds compiled code of herm itself. Beyond that, only what you ask for: `.herm.json`, an export, a plan, a record, a report, a ledger, a CI summary. Text in your editor lies in a private temporary folder until you close it.",
        "Without a writable home, commands that only read still work, as does an incident with `--ledger <file>`. The error names the variable that sets another folder: `HERM_DATA_DIR`.",
      ],
    },
    {
      title: "What is shown",
      blocks: [
        "Names, instructions, errors and output are other people's text. Control characters, invisible ones and changes of text direction are spelled out (`^[`, `<U+202E>`) on terminals and in CI logs; JSON has them escaped. What the API leaves out, or garbles, is shown as `–`.",
      ],
    },
    {
      title: "The local server",
      blocks: [
        "It listens on 127.0.0.1 only, always wants its key, refuses foreign `Host` and `Origin` headers (`Host: evil.example`: 403), and never takes or forwards a real key. A program that it runs as its agent gets the instructions and no key.",
      ],
    },
    {
      title: "The executable, and Node",
      blocks: [
        "The executable reads no `.env`, `bunfig.toml`, `package.json` or `tsconfig.json`, and ignores `BUN_*`, `NODE_OPTIONS` and `NODE_DEBUG`. If its runtime crashes, it prints the command line and a link to report it, and sends nothing. On Linux it trusts the machine's authorities, as curl does (`SSL_CERT_FILE`, `SSL_CERT_DIR`), and those of `NODE_EXTRA_CA_CERTS`. `MIMALLOC_*` and `LD_PRELOAD` work as in any program.",
        "On Node, its own variables count: `NODE_OPTIONS` can run code in herm, and `NODE_DEBUG=http` prints the key.",
      ],
    },
    {
      title: "If you find a hole",
      blocks: [
        'Report it through the repository\'s private security advisories ("Security", then "Report a vulnerability"), not in an issue, with `herm --version` and the steps. Leave out keys and customers\' data. If a key may have leaked, revoke it first where it was made, then run `herm auth logout`.',
      ],
    },
  ],
  see: ["auth login", "environment", "config list", "local-server"],
};
