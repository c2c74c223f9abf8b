/** Those of inquirer's prompts that ask as they are. A file of its own, loaded when one is asked, takes no others along. */
export { confirm, password } from "@inquirer/prompts";
