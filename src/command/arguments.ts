export type CompletionKind =
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

export interface Argument<Value = unknown> {
  /** The name in usage: `run|ref`. */
  name: string;
  about: string;
  completes?: CompletionKind;
  isRequired: boolean;
  isVariadic: boolean;
  /** Hidden from usage and help: for `herm` itself. */
  isHidden?: boolean;
  /** Never set: carries the type of the input's value. */
  value?: Value;
}

export type Arguments = Readonly<Record<string, Argument>>;

type Options = Pick<Argument, "completes" | "isHidden">;

export function required(name: string, about: string, options: Options = {}): Argument<string> {
  return { ...options, name, about, isRequired: true, isVariadic: false };
}

export function optional(name: string, about: string, options: Options = {}): Argument<string | undefined> {
  return { ...options, name, about, isRequired: false, isVariadic: false };
}

export function several(name: string, about: string, options: Options = {}): Argument<readonly string[]> {
  return { ...options, name, about, isRequired: false, isVariadic: true };
}

export function usageWords(declaration: { arguments?: Arguments }, path: readonly string[]): string[] {
  return ["herm", ...path, ...shownArguments(declaration).map(argumentWord)];
}

export function shownArguments({ arguments: named = {} }: { arguments?: Arguments }): Argument[] {
  return Object.values(named).filter(({ isHidden }) => isHidden !== true);
}

export function argumentWord({ name, isRequired, isVariadic }: Argument): string {
  const text = isVariadic ? `${name}...` : name;
  return isRequired ? `<${text}>` : `[${text}]`;
}
