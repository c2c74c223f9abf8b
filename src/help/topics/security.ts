import type { TopicText } from "../topic.js";

export const topicText: TopicText = {
  about: [
    "herm keeps keys in files that only you can read, sends each only where it belongs, and never obeys what it prints. It has no telemetry and no update check.",
  ],
  sections: [
    {
      title: "Your keys",
      blocks: [
        {
          commands: [
            ["herm auth login", "save a key, once the API has accepted it"],
            ["herm auth status", "which key is used"],
            ["herm auth logout", "forget it"],
          ],
        },
        {
          list: [
            "A key comes from the environment, or from `credentials.json` in the config folder: folder 0700, file 0600 whatever the umask, never through a symbolic link or somebody else's file, replaced whole under a lock.",
            "It is sent only to the origin that it was given for. One from the environment goes to `--api-url`, `HERM_API_URL` or the default API, never to a profile's URL.",
            "It is never shown but for its last 4 characters. There is no flag for it, since every process can see a command line.",
            "A key in your own words is refused (2) before anything is sent or kept: in a name, instructions, a schedule, a thread, an answer, a reason or an incident's name, as a flag, in HERM_REASON or where you are asked. What was kept before it was known as a key is shown without it.",
            "`--debug` prints requests to your own stderr. Keys are taken out of that and of every error, also where a server says them back. An editor or an agent that herm starts gets none in its environment.",
          ],
        },
      ],
    },
    {
      title: "What is sent",
      blocks: [
        "What a command asks for goes to the API that is used, with the key that was given for it and herm's version, and nowhere else; a proxy of `HTTPS_PROXY` sees host and port. TLS is always checked (`NODE_TLS_REJECT_UNAUTHORIZED=0` is refused), and plain `http://` goes only to this machine. Redirects are followed only for reads, and only within the same origin.",
      ],
    },
    {
      title: "What is kept here",
      blocks: [
        "In folders that only you can enter, in files that only you can read. `herm config list` says where. In the config folder:",
        {
          rows: [
            ["credentials.json", "keys, each with the origin that it was given for"],
            ["config.json", "profiles: an API's URL, a deployment; no secrets"],
          ],
        },
        "In the data folder:",
        {
          rows: [
            ["texts/", "what you wrote in an editor or an answer and couldn't be sent"],
            [
              "history/",
              "what herm changed: the command, who sent it and why, and of each automation what was sent and what was there, instructions included; a file a change, the last 10,000 or 256 MiB",
            ],
            [
              "history/incidents/",
              "an incident's ledger: names, ids and schedules, a hash of instructions, who began it and why, the key's last 4 characters",
            ],
            ["turns/", "which process creates or applies in a deployment right now"],
            ["runs.jsonl", "ids and times of runs that were seen"],
            ["completion.json", "names for the shell's completion"],
            ["dev.db and beside it", "the local server's data, log and own random key"],
          ],
        },
        "`~/.cache/herm`, or below `XDG_CACHE_HOME`, holds what Node compiled of herm itself. Beside these there is only what you ask for: `.herm.json`, an export, a saved plan (for you alone), a record, a report, a `--ledger`, and under GitHub Actions the step's summary. A text that you edit lies in a private temporary folder meanwhile.",
        "Where there is no home that can be written, commands that only read still work, and so does an incident with `--ledger <file>`. What must be kept names the variable that says where else.",
      ],
    },
    {
      title: "What is shown",
      blocks: [
        "Names, instructions, errors and an agent's output are other people's text. Control characters, invisible ones and text that turns its direction are written out (`^[`, `<U+202E>`), never obeyed, on a terminal and in a CI log. JSON gives them back to the letter, escaped.",
        "What the API doesn't say, or says in a way that can't be read, is shown as `–` and kept to the letter in JSON. One odd item never ends a command over others.",
      ],
    },
    {
      title: "The local server",
      blocks: [
        "It listens on 127.0.0.1 only, always wants its key, refuses foreign `Host` and `Origin` headers, and never takes or forwards a real key. Its answers say `Server: herm-dev`, and nothing outside `/v1` is asked of any other API. A program that it runs as its agent gets instructions, and no key.",
      ],
    },
    {
      title: "The executable, and Node",
      blocks: [
        "The executable reads no `.env`, `bunfig.toml`, `package.json` or `tsconfig.json`, and obeys no `BUN_*`, `NODE_OPTIONS` or `NODE_DEBUG`: those names are taken out of its runtime when it is built. When the runtime itself crashes, it prints the command line and a link to its makers' reports, and sends nothing. What is left: on Linux it trusts the authorities that the machine trusts, as curl does (`SSL_CERT_FILE`, `SSL_CERT_DIR`), and those of `NODE_EXTRA_CA_CERTS`; `MIMALLOC_*` sets and prints how memory is used, and `LD_PRELOAD` loads code into it as into any program.",
        "On Node its own variables count: whoever sets `NODE_OPTIONS` runs code in herm, and `NODE_DEBUG=http` prints the key.",
      ],
    },
    {
      title: "If you find a hole",
      blocks: [
        'Please report it through the repository\'s private security advisories ("Security", then "Report a vulnerability"), not in an issue, with what `herm --version` says and the steps. Leave keys and customers\' data out of it. If a key may have leaked, revoke it first, where it was made, then run `herm auth logout` here.',
      ],
    },
  ],
  see: ["auth login", "environment", "config list", "local-server"],
};
