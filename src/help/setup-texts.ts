import { type CommandHelp, requestCodes } from "../command/help.js";

const profile = "the profile in force (--profile; else default)";

/** What `config` gets, sets and unsets. */
const settings = "deployment or api_url; or profile, the one in force where nothing else says one.";

/** The help of what is set up once: deployments, keys, settings. */
export const setupTexts: Readonly<Record<string, CommandHelp>> = {
  "auth login": {
    about: `Keep an API key in ${profile}, after one request has shown that the API takes it.`,
    use: "Once for each account. It asks for the key, or reads it from stdin; there is no flag for it. It is never sent to another origin than the one it was given for (--api-url).",
    exitCodes: requestCodes({
      3: "the API refused the key",
      4: "the address is not the API's",
      6: "another herm is writing the file, or the account has no credits left",
    }),
    examples: ["herm auth login", "herm auth login --profile prod --with-token < key.txt"],
  },
  "auth logout": {
    about: `Forget the key of ${profile}.`,
    use: "When this machine shall not work on the account any more. The API still takes the key: revoke it there if others may know it.",
    exitCodes: { 6: "another herm is writing the file" },
    examples: ["herm auth logout", "herm auth logout --profile prod"],
  },
  "auth status": {
    about: "Show which key is in force, where it comes from and goes to, and whether the API takes it.",
    use: "When a command ended with 3. Of the key only the last 4 characters are shown.",
    exitCodes: requestCodes({
      0: "the key is valid",
      3: "there is none, or it was refused",
      4: "the address is not the API's",
      6: "the account has no credits left",
    }),
    examples: ["herm auth status", "herm auth status --profile prod --output json"],
  },
  "config list": {
    about: "List the profiles with their settings and the last 4 characters of their keys.",
    use: "To see what --profile can be, and which one is in force.",
    examples: ["herm config list", "herm config list --output json"],
  },
  "config get": {
    about: `Print one setting of the profile in force: ${settings}`,
    use: "In scripts. config list shows all of them.",
    exitCodes: { 4: "it isn't set" },
    examples: ["herm config get deployment", "herm config get api_url --profile prod"],
  },
  "config set": {
    about: `Change a setting of ${profile}: ${settings}`,
    use: "To make a profile, or to choose the one that is used without --profile.",
    exitCodes: { 6: "another herm is writing the file" },
    examples: ["herm config set deployment dep_7xK9s2 --profile prod", "herm config set profile prod"],
  },
  "config unset": {
    about: `Forget a setting of ${profile}: ${settings}`,
    use: "To be asked again, or to go back to the default.",
    exitCodes: { 6: "another herm is writing the file" },
    examples: ["herm config unset deployment", "herm config unset profile"],
  },
  "config path": {
    about: "Print where settings, keys and data are kept, and the project's file if one counts here.",
    use: "To find a file, or why a setting is what it is. HERM_CONFIG_DIR and HERM_DATA_DIR move the folders.",
    examples: ["herm config path", "herm config path --output json"],
  },
};
