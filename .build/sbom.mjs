/**
 * A list of all that is bundled, as CycloneDX 1.6, without a time or a serial number, so that the same sources produce
 * the same bytes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./esbuild-options.mjs";

/** The text of the bill of materials. */
export function billOfMaterials(components) {
  const { name, version, license, description } = readJson("package.json");
  const component = { type: "application", ...npmPackage({ name, version, license }), description };
  const dependsOn = components.map((each) => each["bom-ref"]);
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component },
    components,
    dependencies: [{ ref: component["bom-ref"], dependsOn }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** A package, with its hash from the lockfile. Throws if another version is installed. */
export function ofPackage({ folder, name, version, license }) {
  const { version: locked, integrity } = readJson("package-lock.json").packages[folder];
  if (locked !== version) throw new Error(`${name} is installed as ${version}, and locked as ${locked}`);
  const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
  return {
    type: "library",
    ...npmPackage({ name, version, license }),
    hashes: [{ alg: "SHA-512", content }],
  };
}

function npmPackage({ name, version, license }) {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { "bom-ref": purl, name, version, licenses: [{ expression: license }], purl };
}

/** A part of the runtime inside the executables. */
export function ofRuntime({ name, version, licence, source }) {
  return {
    type: "library",
    "bom-ref": `runtime:${name}`,
    name,
    version,
    licenses: [{ expression: licence }],
    externalReferences: [{ type: "vcs", url: source }],
  };
}

function readJson(name) {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}
