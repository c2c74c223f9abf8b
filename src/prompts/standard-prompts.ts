/** Prompts of inquirer's that ask as they are, in a file of their own, which loads no others. */
export { confirm, password } from "@inquirer/prompts";
