export type OutputFormat = "table" | "json" | "jsonl" | "name";

/** The flags that every command takes, as they were given. */
export interface GlobalFlags {
  deployments: string[];
  profile?: string;
  local: boolean;
  apiUrl?: string;
  output?: OutputFormat;
  noColor: boolean;
  noInput: boolean;
  quiet: boolean;
  debug: boolean;
  /** One attempt, until its answer's headers. */
  timeoutMs?: number;
  /** All attempts of one request. */
  maxWaitMs?: number;
}

/** Where requests go, and with which key: settled once per call. */
export interface Target {
  profile: string;
  /** How the profile was chosen: `--profile`, `HERM_PROFILE`, `.herm.json`, `config`, `default`. */
  profileSource: string;
  /** Without a trailing slash; `undefined` for `local`, whose server is found or started by the client. */
  baseUrl: string | undefined;
  apiKey: string | undefined;
  /** `HERM_API_KEY`, `PRISM_API_KEY`, `profile`, `local` or `none`. */
  keySource: "HERM_API_KEY" | "PRISM_API_KEY" | "profile" | "local" | "none";
  isLocal: boolean;
}

/** A deployment that settings name, as an id or an exact name, and where it was said. */
export interface DeploymentChoice {
  ref: string;
  source: "-d" | "HERM_DEPLOYMENT" | ".herm.json" | "profile";
}

/** What flags, environment, project file and profile say together (cli.md, "Where settings come from"). */
export interface Settings {
  readonly flags: GlobalFlags;
  readonly output: OutputFormat;
  readonly configDir: string;
  readonly dataDir: string;
  /** Throws UsageError where the sources contradict each other. Reads files at the first call only. */
  target(): Target;
  /** `undefined` when nothing names one. Under `--local` only `-d` counts. */
  deployment(): DeploymentChoice | undefined;
  /** The text of HERM_FREEZE, if it is set and not empty. */
  readonly freeze: string | undefined;
  /** The value of an environment variable that a command documents. */
  env(name: string): string | undefined;
}
