/** Writes the screens of the README anew, from the real thing. */
import { writeFileSync } from "node:fs";
import { readmeFile, readmeWithScreens } from "./readme.js";

writeFileSync(readmeFile, await readmeWithScreens());
