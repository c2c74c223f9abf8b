/** An XML element as it was parsed. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** Its own text, without its children's. */
  text: string;
}

const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const token = /<([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|<\/([\w-]+)>|([^<]+)/y;
const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Parses a whole document of elements, attributes and text; throws if it isn't well-formed XML 1.0. */
export function readXml(document: string): XmlElement {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(head)) throw new Error("no declaration");
  const bad = illegal.exec(document);
  if (bad !== null) throw new Error(`an illegal character at ${bad.index}`);
  const root: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  token.lastIndex = head.length;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const [, name, attributes = "", isEmpty, closes, text] = token.exec(document) ?? [];
    const top = open.at(-1);
    if (top === undefined) throw new Error(`more than one root at ${at}`);
    if (text !== undefined) top.text += decode(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n"));
    else if (closes !== undefined && top.name === closes && open.length > 1) open.pop();
    else if (name !== undefined) {
      const element = { name, attributes: readAttributes(attributes), children: [], text: "" };
      top.children.push(element);
      if (isEmpty === "") open.push(element);
    } else throw new Error(`not well-formed at ${at}: ${document.slice(at, at + 60)}`);
  }
  const [only] = root.children;
  if (open.length > 1 || only === undefined || root.children.length > 1) throw new Error("not closed");
  return only;
}

/** All elements with a name, in document order. */
export function xmlElements(element: XmlElement, name: string): XmlElement[] {
  const below = element.children.flatMap((child) => xmlElements(child, name));
  return element.name === name ? [element, ...below] : below;
}

function readAttributes(text: string): Record<string, string> {
  const found = [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
    key,
    decode(value.replace(/[\t\n\r]/g, " ")),
  ]);
  const attributes = Object.fromEntries(found);
  if (Object.keys(attributes).length < found.length) throw new Error(`an attribute twice: ${text}`);
  return attributes;
}

function decode(text: string): string {
  if (/&(?!(?:\w+|#\d+);)/.test(text) || text.includes("]]>")) throw new Error(`not escaped: ${text}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) => {
    const character = code === undefined ? named[name] : String.fromCodePoint(Number(code));
    if (character === undefined) throw new Error(`unknown &${name};`);
    return character;
  });
}
