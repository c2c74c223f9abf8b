import { NotPossibleError } from "../../../../errors.js";

/** The record that is named doesn't exist yet. */
export class NoRecordError extends NotPossibleError {}
