import { nodesAt } from "../../command/tree.js";
import { findTopic } from "../topics.js";
import { type RoffSection, reference } from "./roff.js";

/** The page of a command, by the words behind `herm`. */
export function commandPageName(path: readonly string[]): string {
  return ["herm", ...path].join("-");
}

/**
 * SEE ALSO of a page, by section and name: the words are those behind `herm help`, "" for herm itself. A name that both a
 * topic and a command have means both, but for the page itself.
 */
export function seeAlso(own: { name: string; section: number }, see: readonly string[]): RoffSection {
  const pages = [...new Set(see)]
    .flatMap(pagesOf)
    .filter(({ name, section }) => name !== own.name || section !== own.section);
  pages.sort((one, other) => one.section - other.section || (one.name < other.name ? -1 : 1));
  const references = pages.map(({ name, section }) => reference(name, section));
  return { title: "SEE ALSO", blocks: [[references.join(", ")]] };
}

function pagesOf(words: string): { name: string; section: number }[] {
  const path = words === "" ? [] : words.split(" ");
  const isCommand = nodesAt(path).length === path.length;
  const isTopic = findTopic(path) !== undefined;
  if (!isCommand && !isTopic) throw new Error(`there is no command or topic ${words}`);
  const name = commandPageName(path);
  return [...(isCommand ? [{ name, section: 1 }] : []), ...(isTopic ? [{ name, section: 7 }] : [])];
}
