import type { PrivateFiles } from "../files/private-files.js";
import type { Project } from "./project-file.js";
import type { ProxyChoice } from "./proxy.js";

export interface GlobalFlags {
  deployments: string[];
  profile?: string;
  local: boolean;
  apiUrl?: string;
  output?: string;
  noColor: boolean;
  noInput: boolean;
  quiet: boolean;
  debug: boolean;
  /** Milliseconds for one attempt, until its answer's headers. */
  timeoutMs?: number;
  /** Milliseconds for all attempts of one request. */
  maxWaitMs?: number;
}

/** The profile in force, and its source; `config` is the settings file's own default. */
export interface ProfileChoice {
  name: string;
  source: "--local" | "--profile" | "HERM_PROFILE" | ".herm.json" | "config" | "default";
}

export interface KeyProblem {
  message: string;
  hint: string;
}

/** The place that requests go to, and their key: decided once per call. */
export interface Target {
  profile: string;
  profileSource: ProfileChoice["source"];
  /** The URL without a trailing slash; undefined for `local`, whose server the client finds or starts. */
  baseUrl: string | undefined;
  apiKey: string | undefined;
  keySource: "HERM_API_KEY" | "PRISM_API_KEY" | "profile" | "local" | "none";
  isLocal: boolean;
  /** Set only where there is no key to send; `requireKey` throws it. */
  keyProblem?: KeyProblem;
}

/** A deployment that settings name, as an id or an exact name. */
export interface DeploymentChoice {
  ref: string;
  source: "-d" | "HERM_DEPLOYMENT" | ".herm.json" | "profile";
}

/** Settings of flags, environment, project file and profile together (src/settings/README.md). */
export interface Settings {
  readonly flags: GlobalFlags;
  readonly output: string;
  readonly configDir: string;
  readonly dataDir: string;
  readonly files: PrivateFiles;
  readonly environment: { readonly cwd: string; readonly home: string; readonly uid: number | undefined };
  /** The profile in force. Reads files only where no flag or variable says it. */
  profile(): ProfileChoice;
  /** The API's URL, whatever the key; undefined for `local`. Throws UsageError as target does. */
  apiUrl(): string | undefined;
  project(): Project | undefined;
  /** Throws UsageError where the sources contradict each other. */
  target(): Target;
  /** The one deployment; UsageError for several `-d`. With the profile `local` only `-d` counts. */
  deployment(): DeploymentChoice | undefined;
  /** The proxy for this URL; throws UsageError for one that can't be used. */
  proxy(url: string): ProxyChoice | undefined;
  readonly freeze: string | undefined;
  /** The text of HERM_REASON. Throws UsageError where it is too long, or holds an API key. */
  reason(): string | undefined;
  /** The value of a variable that a command documents; undefined if it is empty. */
  env(name: string): string | undefined;
  /** Secrets seen so far: keys of the environment and of files that were read, and the proxies' passwords. */
  knownKeys(): string[];
  /** The first API key, of the environment or of any profile, in a text. Never throws. */
  findKey(text: string): string | undefined;
  /** The text without any secret that is known here. Never throws. */
  redact(text: string): string;
}
