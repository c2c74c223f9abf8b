/** inquirer's own prompts, unchanged, in a file of their own so that no others are loaded. */
export { confirm, password } from "@inquirer/prompts";
