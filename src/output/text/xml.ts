/** Characters that XML 1.0 doesn't allow, even as a reference. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const references = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["\r", "&#13;"],
  ["\n", "&#10;"],
  ["\t", "&#9;"],
]);

/** Text for an element. Characters that XML can't contain become `<U+0007>`; all others are read back unchanged. */
export function xmlText(text: string): string {
  return possible(text).replace(/[&<>\r]/g, reference);
}

/** Text for an attribute in double quotes; keeps line ends and tabs. */
function xmlAttribute(text: string): string {
  return possible(text).replace(/[&<>"\r\n\t]/g, reference);
}

/** An element with those attributes that are defined; `content` is finished XML. */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content = "",
): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${xmlAttribute(String(value))}"`],
  );
  const open = `<${name}${given.join("")}`;
  return content === "" ? `${open}/>` : `${open}>${content}</${name}>`;
}

function possible(text: string): string {
  return text.replace(forbidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

function reference(character: string): string {
  return references.get(character) ?? character;
}
