import { systemUser } from "../../src/files/machine.js";

/** The user as herm names them, even if the uid has no name. */
export const user = systemUser() ?? "unknown";
