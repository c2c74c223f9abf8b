import { systemUser } from "../../src/files/machine.js";

/** The user as herm names them, also one whose uid has no name. */
export const user = systemUser() ?? "unknown";
