import type { HelpRow } from "../layout.js";
import type { TopicText } from "../topic.js";

/** Every variable of the environment that is read, and what it does. */
export const variableRows: readonly HelpRow[] = [
  ["HERM_API_KEY, PRISM_API_KEY", "the key; if both are set, the first is used"],
  ["HERM_API_URL", "another API than the default"],
  ["HERM_DEPLOYMENT", "the deployment to work on"],
  ["HERM_PROFILE", "the profile to use"],
  ["HERM_CONFIG_DIR", "the folder for settings and keys (default: `~/.config/herm`)"],
  ["HERM_DATA_DIR", "the folder for data, such as incidents (default: `~/.local/share/herm`)"],
  ["XDG_CONFIG_HOME", "settings and keys are in `herm` below it, without HERM_CONFIG_DIR"],
  ["XDG_DATA_HOME", "the same for data, without HERM_DATA_DIR"],
  ["XDG_CACHE_HOME", "the cache folder is `herm` below it (default: `~/.cache`)"],
  [
    "HERM_FREEZE",
    "a text with which create, copy, apply, resume, trigger, catch-up and undo refuse to work (6)",
  ],
  ["HERM_VAR_<name>", "what `${name}` is in manifests (`herm help manifests`)"],
  ["HERM_REASON", "why a command changes what it changes, without `--reason`; in CI the run's URL"],
  ["HERM_DEV_KEY", "the local server's key, instead of a random one"],
  [
    "NO_COLOR, FORCE_COLOR, TERM",
    "no colour, or colour in a pipe too; `dumb` as TERM: no colour, nothing redrawn, nothing asked",
  ],
  ["HERM_ACCESSIBLE", "`1`: tell all in lines and words (`herm help accessibility`); `0`: don't"],
  ["COLORTERM", "the terminal has colours, whatever TERM says"],
  ["CI", "ask nothing"],
  ["GITHUB_ACTIONS", "`true`: show mistakes and failures at their lines, and the plan in the step's summary"],
  ["GITHUB_STEP_SUMMARY", "the summary's file"],
  ["GITHUB_WORKSPACE", "the folder that those lines are in"],
  ["CI_PROJECT_DIR, WORKSPACE", "the same in `--report`, for GitLab and Jenkins"],
  ["VISUAL, EDITOR", "the editor for --edit (default: vi)"],
  ["TZ", "your time zone"],
  ["HTTPS_PROXY, NO_PROXY", "the way out of your network; lower case works too, and wins"],
  ["NODE_EXTRA_CA_CERTS", "a PEM file of authorities that are trusted too"],
  ["NODE_DISABLE_COMPILE_CACHE", "keep no compiled code in the cache folder"],
];

export const topicText: TopicText = {
  about: [
    "Where a setting can come from several places, a flag wins over the environment, the environment over the project's `.herm.json`, and that over the profile in your config.",
  ],
  sections: [
    { title: "Variables", blocks: [{ rows: variableRows }] },
    {
      title: "Profiles",
      blocks: [
        "A profile holds a key, an API and a deployment. `default` is used unless `--profile`, `HERM_PROFILE`, `.herm.json` or `herm config set profile prod` names another; `local` is built in and means the local server. An explicit `--profile` also beats the environment's key, URL and deployment, and the project's deployment.",
        {
          commands: [
            ["herm auth login --profile prod --with-token < key.txt", "save a key that the API accepts"],
            ["herm config set deployment dep_7xK9s2 --profile prod", "the deployment that it works on"],
            ["herm config list", "every profile"],
            ["herm auth status", "which key is used, and whether it works"],
          ],
        },
      ],
    },
    {
      title: "A project's .herm.json",
      blocks: [
        "It is looked for from the working folder up to the root of its repository, or below your home. It may name `deployment` and `profile`, never a key or a URL, and counts only if it is your own file.",
        {
          commands: [
            ["herm deployments use dep_7xK9s2 --here", 'writes ./.herm.json: {"deployment": "dep_7xK9s2"}'],
          ],
        },
      ],
    },
    {
      title: "The deployment",
      blocks: [
        "It is what `--deployment` says, by id or by exact name; else the manifest, `HERM_DEPLOYMENT`, the project or the profile; else you are asked, and the answer can be saved. With `--local` only `--deployment` counts, or the only one that there is.",
      ],
    },
    {
      title: "Behind a proxy",
      blocks: [
        "`HTTPS_PROXY` (or `https_proxy`, which wins) is `http://` or `https://`, with `user:password@` where the proxy wants them. It sees the API's host and port, and TLS that it can't open: no key, no text.",
        "`NO_PROXY` lists what is reached without it: names (with all below them), addresses, networks such as `10.0.0.0/8`, or `*`. This machine always is, and `HTTP_PROXY` is not used, since plain HTTP never leaves it. `--debug` and `herm doctor` say which proxy is used.",
      ],
    },
  ],
  see: ["security", "config", "auth status", "doctor"],
};
