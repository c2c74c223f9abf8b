import type { FilePosition } from "../mistake.js";

export class Lines {
  readonly #starts = [0];

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  positionAt(offset: number): FilePosition {
    let line = 0;
    let after = this.#starts.length;
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { file: this.file, line: line + 1, column: offset - (this.#starts[line] ?? 0) + 1 };
  }

  /** The nth `${` from an offset on, from 0. */
  positionOfVariable(index: number, from: number): FilePosition {
    let at = this.text.indexOf("${", from);
    for (let passed = 0; passed < index && at !== -1; passed += 1) at = this.text.indexOf("${", at + 2);
    return this.positionAt(at === -1 ? from : at);
  }

  /** The first place of a piece from an offset on, else the offset itself. */
  positionOfPiece(piece: string, from: number): FilePosition {
    const at = this.text.indexOf(piece, from);
    return this.positionAt(at === -1 ? from : at);
  }
}
