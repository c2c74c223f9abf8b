/** inquirer's unchanged prompts, in their own file, which loads no others. */
export { confirm, password } from "@inquirer/prompts";
