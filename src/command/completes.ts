/** What stands for a flag's value or an argument: completion offers what is known of it. */
export type Completes =
  | "commands"
  | "deployments"
  | "customers"
  | "exceptions"
  | "refs"
  | "runs"
  | "runs or refs"
  | "incidents"
  | "changes"
  | "changes or refs"
  | "profiles"
  | "settings"
  | "shells"
  | "skill pages"
  | "zones"
  | "reports"
  | "files";
