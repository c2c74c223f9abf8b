import type { PrivateFiles } from "../files/private-files.js";
import type { Project } from "./project-file.js";
import type { ProxyChoice } from "./proxy.js";

/** The flags that every command takes, as they were given. */
export interface GlobalFlags {
  deployments: string[];
  profile?: string;
  local: boolean;
  apiUrl?: string;
  /** A format's name. */
  output?: string;
  noColor: boolean;
  noInput: boolean;
  quiet: boolean;
  debug: boolean;
  /** One attempt, until its answer's headers. */
  timeoutMs?: number;
  /** All attempts of one request. */
  maxWaitMs?: number;
}

/** The profile in force, and where it was said; `config` is the settings file's own default. */
export interface ProfileChoice {
  name: string;
  source: "--local" | "--profile" | "HERM_PROFILE" | ".herm.json" | "config" | "default";
}

/** Why there is no key for the target, and what to do. */
export interface KeyProblem {
  message: string;
  hint: string;
}

/** Where requests go, and with which key: settled once per call. */
export interface Target {
  profile: string;
  profileSource: ProfileChoice["source"];
  /** Without a trailing slash; `undefined` for `local`, whose server is found or started by the client. */
  baseUrl: string | undefined;
  apiKey: string | undefined;
  /** `HERM_API_KEY`, `PRISM_API_KEY`, `profile`, `local` or `none`. */
  keySource: "HERM_API_KEY" | "PRISM_API_KEY" | "profile" | "local" | "none";
  isLocal: boolean;
  /** Set where there is no key to send, and only then; `requireKey` throws it. */
  keyProblem?: KeyProblem;
}

/** A deployment that settings name, as an id or an exact name, and where it was said. */
export interface DeploymentChoice {
  ref: string;
  source: "-d" | "HERM_DEPLOYMENT" | ".herm.json" | "profile";
}

/** What flags, environment, project file and profile say together (src/settings/README.md). */
export interface Settings {
  readonly flags: GlobalFlags;
  /** The name of the format in force. */
  readonly output: string;
  readonly configDir: string;
  readonly dataDir: string;
  /** Reads, writes and locks herm's own files under the rules for private files. */
  readonly files: PrivateFiles;
  /** Where the command runs, and as whom. */
  readonly environment: { readonly cwd: string; readonly home: string; readonly uid: number | undefined };
  /** The profile in force. Reads the project's file and the settings only where no flag or variable says it. */
  profile(): ProfileChoice;
  /** Where requests of the profile in force go, whatever the key; undefined for `local`. Throws UsageError as target does. */
  apiUrl(): string | undefined;
  /** The project's `.herm.json`, if there is one that counts. */
  project(): Project | undefined;
  /** Throws UsageError where the sources contradict each other. Reads files at the first call only. */
  target(): Target;
  /** The one deployment; UsageError for several `-d`. `undefined` when nothing names one. Under `--local` only `-d` counts. */
  deployment(): DeploymentChoice | undefined;
  /** The proxy that requests to this URL go through, if any; throws UsageError for one that can't be used. */
  proxy(url: string): ProxyChoice | undefined;
  /** The text of HERM_FREEZE, if it is set and not empty. */
  readonly freeze: string | undefined;
  /** The text of HERM_REASON, if it is set and not empty. Throws UsageError where it is too long, or holds an API key. */
  reason(): string | undefined;
  /** The value of an environment variable that a command documents; undefined if it isn't set, or empty. */
  env(name: string): string | undefined;
  /** All environment variables whose names begin so, by name; none that is empty. */
  envOf(prefix: string): ReadonlyMap<string, string>;
  /**
   * Every secret that was seen so far, for createRedactor: the keys of the environment and of files that were read, and
   * the proxies' passwords.
   */
  knownKeys(): string[];
  /** The first API key, of the environment or of any profile, that a text holds; undefined: none. Never throws. */
  findKey(text: string): string | undefined;
  /** A text without any secret that is known here: what a file of ours had before it was known as one. Never throws. */
  redact(text: string): string;
}
