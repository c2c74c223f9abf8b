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
  /** Milliseconds for one attempt, until its response's headers. */
  timeoutMs?: number;
  /** Milliseconds for all attempts of one request. */
  maxWaitMs?: number;
}

/** The profile in use and its source; `config` is the default in the settings file. */
export interface ProfileChoice {
  name: string;
  source: "--local" | "--profile" | "HERM_PROFILE" | ".herm.json" | "config" | "default";
}

export interface KeyProblem {
  message: string;
  hint: string;
}

/** The target of requests and its key, chosen once per call. */
export interface Target {
  profile: string;
  profileSource: ProfileChoice["source"];
  /** The URL without a trailing slash; undefined for `local`, whose server the client finds or starts. */
  baseUrl: string | undefined;
  apiKey: string | undefined;
  keySource: "HERM_API_KEY" | "PRISM_API_KEY" | "profile" | "local" | "none";
  isLocal: boolean;
  /** Set only if there is no key to send; `requireKey` throws it. */
  keyProblem?: KeyProblem;
}

/** A deployment in the settings, as an id or exact name. */
export interface DeploymentChoice {
  ref: string;
  source: "-d" | "HERM_DEPLOYMENT" | ".herm.json" | "profile";
}

/** The settings merged from flags, environment, project file and profile (src/settings/README.md). */
export interface Settings {
  readonly flags: GlobalFlags;
  readonly output: string;
  readonly configDir: string;
  readonly dataDir: string;
  readonly files: PrivateFiles;
  readonly environment: { readonly cwd: string; readonly home: string; readonly uid: number | undefined };
  /** The profile in use. Reads files only if no flag or variable names it. */
  profile(): ProfileChoice;
  /** The API's URL, for any key; undefined for `local`. Throws what `target` throws. */
  apiUrl(): string | undefined;
  project(): Project | undefined;
  /** Throws UsageError for contradicting sources. */
  target(): Target;
  /** The only deployment; throws UsageError for several `-d`. With the profile `local`, only `-d` counts. */
  deployment(): DeploymentChoice | undefined;
  /** The proxy for this URL; throws UsageError for an unsupported proxy. */
  proxy(url: string): ProxyChoice | undefined;
  readonly freeze: string | undefined;
  /** The text of HERM_REASON. Throws UsageError if it is too long or contains an API key. */
  reason(): string | undefined;
  /** A variable that a command documents; undefined if it is empty. */
  env(name: string): string | undefined;
  /** Known secrets: keys from the environment and from files read so far, and proxy passwords. */
  knownKeys(): string[];
  /** The text's first API key from the environment or any profile. Never throws. */
  findKey(text: string): string | undefined;
  /** The text without known secrets. Never throws. */
  redact(text: string): string;
}
