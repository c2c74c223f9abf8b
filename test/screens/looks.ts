import type { Look } from "./cells.js";
import { paintOf, type Theme, themes } from "./paint.js";

interface Class {
  name: string;
  look: Look;
  hasGround: boolean;
}

/** The CSS classes in one picture, one for each visibly different look in it. */
export class Looks {
  readonly #classes = new Map<string, Class>();
  readonly #plain = keyOf({});

  /** The class for text with that look; undefined for ordinary text. */
  classOf(look: Look): Class | undefined {
    const key = keyOf(look);
    if (key === this.#plain) return undefined;
    const found = this.#classes.get(key) ?? {
      name: `c${this.#classes.size}`,
      look,
      hasGround: paintOf(look, themes.light).ground !== undefined,
    };
    this.#classes.set(key, found);
    return found;
  }

  /** The rules in a theme: `.c0` for a text, `.c0-ground` for its background. */
  rules(theme: Theme): string {
    return [...this.#classes.values()]
      .flatMap(({ name, look }) => {
        const { ink, ground } = paintOf(look, theme);
        const rule = `.${name}{fill:#${ink}${decorationOf(look)}}`;
        return ground === undefined ? [rule] : [rule, `.${name}-ground{fill:#${ground}}`];
      })
      .join("\n");
  }
}

/** Equal for looks that can't be distinguished. */
const keyOf = (look: Look): string =>
  JSON.stringify([paintOf(look, themes.light), paintOf(look, themes.dark), decorationOf(look)]);

function decorationOf({ isBold, isItalic, isUnderlined, isStruck }: Look): string {
  const lines = [isUnderlined ? "underline" : "", isStruck ? "line-through" : ""].filter(Boolean).join(" ");
  return [
    isBold ? ";font-weight:600" : "",
    isItalic ? ";font-style:italic" : "",
    lines === "" ? "" : `;text-decoration:${lines}`,
  ].join("");
}
