import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parts } from "../../.build/runtime-notices.mjs";
import { billOfMaterials, ofRuntime } from "../../.build/sbom.mjs";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const lock = JSON.parse(read("package-lock.json"));

interface Component {
  "bom-ref": string;
  name: string;
  version?: string;
  purl: string;
  licenses: { expression: string }[];
  hashes: { alg: string; content: string }[];
}

const bill = JSON.parse(read("dist/sbom.cdx.json"));
const components: Component[] = bill.components;

describe("the SBOM", () => {
  it("is CycloneDX 1.6 for this version, and makes it depend on every component", () => {
    const { name, version, license } = lock.packages[""];
    const purl = `pkg:npm/${name}@${version}`;
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 });
    expect(bill.metadata.component).toMatchObject({
      type: "application",
      "bom-ref": purl,
      name,
      version,
      licenses: [{ expression: license }],
    });
    const refs = components.map((each) => each["bom-ref"]);
    expect(bill.dependencies).toEqual([{ ref: purl, dependsOn: refs }]);
    expect(new Set(refs).size).toBe(refs.length);
  });

  it("lists each bundled package once, as the notices do", () => {
    const notices = read("dist/THIRD-PARTY-NOTICES.txt").matchAll(/^(\S+) (\d\S*) \(([\w.-]+)\)$/gm);
    expect(components.map(({ name, version, licenses }) => [name, version, licenses[0]?.expression])).toEqual(
      [...notices].map(([, ...named]) => named),
    );
    expect(components.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["@inquirer/core", "commander"]),
    );
  });

  it("records the locked version and hash of each package", () => {
    const locked = Object.entries<{ version: string; integrity: string }>(lock.packages).map(
      ([path, { version, integrity }]) => `${path.replace(/^.*node_modules\//, "")} ${version} ${integrity}`,
    );
    const found = components.map(({ name, version, hashes: [hash] }) => {
      const sum = Buffer.from(hash?.content ?? "", "hex").toString("base64");
      return `${name} ${version} ${hash?.alg.toLowerCase().replace("-", "")}-${sum}`;
    });
    expect(found.filter((each) => !locked.includes(each))).toEqual([]);
    expect(components.map(({ name, version, purl }) => purl === purlOf(name, version))).not.toContain(false);
  });

  it("includes the runtime's parts for executables, and is reproducible", () => {
    const whole = () => billOfMaterials([...components, ...parts.map(ofRuntime)]);
    expect(whole()).toBe(whole());
    const named = JSON.parse(whole()).components.slice(components.length);
    expect(named.map(({ name, version, licenses }: Component) => [name, version, licenses])).toEqual(
      parts.map(({ name, version, licence }) => [name, version, [{ expression: licence }]]),
    );
    // SPDX expressions contain no other characters.
    expect(parts.filter(({ licence }) => !/^[\w.+ -]+$/.test(licence))).toEqual([]);
  });
});

function purlOf(name: string, version: string | undefined): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
