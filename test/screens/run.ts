/** Draws README's pictures anew, from the real thing. */
import { writeFileSync } from "node:fs";
import { draw, pictureFile, pictures } from "./pictures.js";

for (const [name, picture] of Object.entries(pictures)) writeFileSync(pictureFile(name), await draw(picture));
