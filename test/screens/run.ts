/** Redraws the README's pictures with the real command: all, or those that are named. */
import { writeFileSync } from "node:fs";
import { draw, pictureFile, pictures } from "./pictures.js";

const names = process.argv.slice(2);
for (const [name, picture] of Object.entries(pictures)) {
  if (names.length === 0 || names.includes(name)) writeFileSync(pictureFile(name), await draw(picture));
}
