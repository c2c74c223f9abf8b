/** One choice of a list: what is shown, and what is given back. Text is shown through safe(). */
export interface Choice<T> {
  name: string;
  value: T;
  /** Shown below or behind the name, dimmed. */
  description?: string;
  /** What the person types to find it, if more than the name. */
  search?: string;
}

/** The questions that a command may ask. Prompts go to stderr; Ctrl-C rejects with InterruptedError. */
export interface Prompts {
  input(question: {
    message: string;
    default?: string;
    validate?(text: string): string | true;
    preview?(text: string): string;
    /** Closes the question when it aborts: the promise then rejects with the signal's reason. */
    signal?: AbortSignal;
  }): Promise<string>;
  /** Several lines; an empty line ends it, Ctrl-E opens the editor. */
  multiline(question: {
    message: string;
    default?: string;
    validate?(text: string): string | true;
  }): Promise<string>;
  password(question: { message: string }): Promise<string>;
  confirm(question: { message: string; default?: boolean }): Promise<boolean>;
  /** Searchable list, one answer. */
  pick<T>(question: { message: string; choices: Choice<T>[] }): Promise<T>;
  /** Searchable list, several answers. */
  pickSeveral<T>(question: { message: string; choices: Choice<T>[] }): Promise<T[]>;
  /** Opens the person's editor on the text and gives back what was saved. */
  edit(question: { text: string; suffix: string }): Promise<string>;
}
