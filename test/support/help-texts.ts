import { helpAt } from "../../src/help/texts.js";
import { commandNames } from "../security/matrix.js";

const names = commandNames();
const texts = await Promise.all(names.map((name) => helpAt(name.split(" "))));

/** The help of every command, by its words: `automations list`. */
export const helpTexts = Object.fromEntries(
  names.flatMap((name, at) => {
    const help = texts[at];
    return help === undefined ? [] : [[name, help]];
  }),
);
