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
  ["XDG_CONFIG_HOME", "the folder above `herm` for settings and keys, if HERM_CONFIG_DIR isn't set"],
  ["XDG_DATA_HOME", "the same for data, if HERM_DATA_DIR isn't set"],
  ["XDG_CACHE_HOME", "the folder above `herm` for the cache (default: `~/.cache`)"],
  [
    "HERM_FREEZE",
    "a text: create, copy, apply, resume, trigger, catch-up and undo refuse to work (6) and print it",
  ],
  ["HERM_VAR_<name>", "the value of `${name}` in manifests (`herm help manifests`)"],
  ["HERM_REASON", "why something is changed, if `--reason` isn't given; in CI, such as the run's URL"],
  ["HERM_DEV_KEY", "the local server's key, instead of a random one"],
  [
    "NO_COLOR, FORCE_COLOR, TERM",
    "no colour; colour in a pipe too; with `TERM=dumb` no colour, nothing redrawn, nothing asked",
  ],
  ["HERM_ACCESSIBLE", "`1`: everything in lines and words (`herm help accessibility`); `0`: not"],
  ["COLORTERM", "the terminal has colours, whatever TERM says"],
  ["CI", "ask nothing"],
  ["GITHUB_ACTIONS", "`true`: show mistakes and failures at their lines, and the plan in the step's summary"],
  ["GITHUB_STEP_SUMMARY", "the summary's file"],
  ["GITHUB_WORKSPACE", "the folder that those lines belong to"],
  ["CI_PROJECT_DIR, WORKSPACE", "the same in `--report`, for GitLab and Jenkins"],
  ["VISUAL, EDITOR", "the editor for --edit (default: vi)"],
  ["TZ", "your time zone"],
  ["HTTPS_PROXY, NO_PROXY", "the proxy, and what is reached without it; lower case works too, and wins"],
  ["NODE_EXTRA_CA_CERTS", "a PEM file with more authorities to trust"],
  ["NODE_DISABLE_COMPILE_CACHE", "save no compiled code in the cache folder"],
];

export const topicText: TopicText = {
  about: [
    "A flag wins over the environment, the environment over the project's `.herm.json`, and that over your profile. In CI, HERM_API_KEY and HERM_DEPLOYMENT are usually all you need.",
  ],
  sections: [
    { title: "Variables", blocks: [{ rows: variableRows }] },
    {
      title: "Profiles",
      blocks: [
        "A profile holds a key, an API and a deployment. `default` is used unless `--profile`, `HERM_PROFILE`, `.herm.json` or `herm config set profile prod` names another; `local` and `example` are built in and mean the local server, empty or with a fleet to try. An explicit `--profile` also beats the environment's key, URL and deployment, and the project's deployment.",
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
        "It may set `deployment` and `profile`, never a key or a URL. herm looks for it from the working folder up to the root of the repository or your home, and uses it only if the file is your own.",
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
        "`--deployment` sets it, by id or exact name; otherwise the manifest, `HERM_DEPLOYMENT`, the project or the profile; otherwise herm asks, and can save the answer. With `--local` only `--deployment` counts, or the server's only one.",
      ],
    },
    {
      title: "Behind a proxy",
      blocks: [
        "`HTTPS_PROXY` is an `http://` or `https://` URL, with `user:password@` if the proxy wants them. The proxy sees the API's host and port, and no key or text.",
        "`NO_PROXY` lists what is reached without it: names and their subdomains, addresses, networks such as `10.0.0.0/8`, or `*`. This machine is always reached without it, and `HTTP_PROXY` is ignored. `herm doctor` says which proxy is used.",
      ],
    },
  ],
  see: ["security", "config", "auth status", "doctor"],
};
