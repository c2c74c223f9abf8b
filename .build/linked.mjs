/**
 * Links esbuild's pieces, which are ES modules, as functions that return plain values. esbuild's own CJS gives each
 * export two getters and each piece ten helpers, which take a sixth of the start of a command with seventy pieces.
 * Plain values are enough, because pieces don't import each other in a circle and assign their exports only once; both
 * are checked here.
 */

const importStatement =
  /^import (?:(?:\{(?<names>[^}]*)\}|(?:\* as )?(?<whole>[\w$]+)) from )?"(?<from>[^"]+)";\n/gm;
const exportStatement = /^export (?:\{(?<names>[^}]*)\}|default (?<value>[^;\n]+));\n$/m;
const dynamicImport = /\bimport\(("[^"]+")\)/g;

/** The text of a piece as the body of a function. Its lines don't move, so its map remains valid. */
export function linked(text, imports) {
  let count = 0;
  const body = text
    .replace(importStatement, (statement, ...match) => {
      count += 1;
      return importOf(match.at(-1)) + lineEndsOf(statement);
    })
    .replace(exportStatement, (statement, ...match) => exportOf(match.at(-1), text) + lineEndsOf(statement))
    .replace(dynamicImport, "Promise.resolve().then(() => require($1))");
  const known = imports.filter(({ kind }) => kind === "import-statement").length;
  if (count !== known) throw new Error(`${count} imports were found, and there are ${known}`);
  return inAscii(body);
}

/** Throws if pieces import each other in a circle. */
export function assertNoCircle(outputs) {
  let left = Object.entries(outputs);
  for (let before = 0; left.length !== before; ) {
    before = left.length;
    const open = new Set(left.map(([path]) => path));
    left = left.filter(([, { imports }]) =>
      imports.some(({ kind, path }) => kind === "import-statement" && open.has(path)),
    );
  }
  if (left.length > 0) throw new Error(`a circle of pieces: ${left.map(([path]) => path).join(", ")}`);
}

function importOf({ names, whole, from }) {
  const wanted = names === undefined ? whole : `{ ${pairsOf(names).map((pair) => pair.join(": "))} }`;
  return `${wanted === undefined ? "" : `const ${wanted} = `}require(${JSON.stringify(from)});`;
}

function exportOf({ names, value }, text) {
  if (names === undefined) return `exports.default = ${value};`;
  return pairsOf(names)
    .map(([local, name = local]) => {
      assertAssignedOnce(text, local);
      return `exports.${name} = ${local};`;
    })
    .join(" ");
}

function pairsOf(names) {
  return [...names.matchAll(/[\w$]+(?: as [\w$]+)?/g)].map(([pair]) => pair.split(" as "));
}

function assertAssignedOnce(text, exported) {
  const name = `(?<![.\\w$])${exported.replaceAll("$", "\\$")}(?![\\w$])`;
  const assigned = new RegExp(`${name} [-+*/|&?]*=(?![=>])|${name}(?:\\+\\+|--)|(?:\\+\\+|--)${name}`, "g");
  if ([...text.matchAll(assigned)].length > 1) throw new Error(`${exported} is exported and assigned again`);
}

function lineEndsOf(statement) {
  return statement.replace(/[^\n]/g, "");
}

/**
 * Packs are read as latin1, because UTF-8 takes twice as long; esbuild escapes all other characters, except in regular
 * expressions.
 */
function inAscii(text) {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
