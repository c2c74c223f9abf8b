import type { HelpRow } from "./layout.js";

/**
 * A piece of a topic. A text is a paragraph; words between backticks are code, as in `herm automations list`, and every
 * command line among them is tried by a test.
 */
export type Block =
  | string
  | { list: readonly string[] }
  /** Command lines, each alone or with what it does. */
  | { commands: readonly (string | HelpRow)[] }
  | { rows: readonly HelpRow[] }
  /** A file or an answer, line by line as it is. */
  | { lines: string };

interface TopicSection {
  title: string;
  blocks: readonly Block[];
}

export interface TopicText {
  about: readonly Block[];
  sections: readonly TopicSection[];
  /** Words behind `herm help` that lead on. */
  see: readonly string[];
}
