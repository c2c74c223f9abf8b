import { NotPossibleError } from "../../../../errors.js";

/** There is no record yet, where one is named. */
export class NoRecordError extends NotPossibleError {}
