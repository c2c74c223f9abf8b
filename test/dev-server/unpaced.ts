import { it } from "vitest";
import { isExecutable } from "../support/command-file.js";

/**
 * A test with an agent that writes all of its words at once. The agent of `herm dev` pauses after each, on a clock that
 * stands still here.
 */
export const itUnpaced = it.skipIf(isExecutable);
