import type { Completes } from "./completes.js";

/** An argument as it stands in help and completion. */
export interface Argument<Value = unknown> {
  /** As usage names it: `run|ref`. */
  name: string;
  about: string;
  completes?: Completes;
  isRequired: boolean;
  /** It takes all the words that are left. */
  isSeveral: boolean;
  /** Neither in usage nor in help: for `herm` itself. */
  isHidden?: boolean;
  /** Never set: carries the type of the input's value. */
  value?: Value;
}

export type Arguments = Readonly<Record<string, Argument>>;

type Options = Pick<Argument, "completes" | "isHidden">;

/** An argument that has to be there. */
export function required(name: string, about: string, options: Options = {}): Argument<string> {
  return { ...options, name, about, isRequired: true, isSeveral: false };
}

/** An argument that may be left out: then undefined. */
export function optional(name: string, about: string, options: Options = {}): Argument<string | undefined> {
  return { ...options, name, about, isRequired: false, isSeveral: false };
}

/** Any number of words, none too. */
export function several(name: string, about: string, options: Options = {}): Argument<readonly string[]> {
  return { ...options, name, about, isRequired: false, isSeveral: true };
}
