import { it } from "vitest";
import { isExecutable } from "../support/command-file.js";

/** A test of an agent that says all its words at once. `herm dev`'s takes its time for each, on a clock that stands still here. */
export const itUnpaced = it.skipIf(isExecutable);
