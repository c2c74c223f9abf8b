/** A certificate authority made by our own code, so that the fixtures contain no key and no expiring certificate. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Authority {
  /** Its own certificate, for NODE_EXTRA_CA_CERTS and `ca`. */
  pem: string;
  /** A certificate for a server with these names, and its key. */
  issue(names: readonly string[]): { cert: string; key: string };
}

const hour = 3_600_000;

/** Valid from an hour ago for a day. */
export function makeAuthority(commonName = "Authority of the tests"): Authority {
  const pair = newPair();
  const issuer = nameOf(commonName);
  const certify = (subject: Buffer, publicKey: KeyObject, extensions: Buffer[]): string => {
    const body = sequence(
      tagged(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ecdsaWithSha256,
      issuer,
      sequence(utcTime(Date.now() - hour), utcTime(Date.now() + 24 * hour)),
      subject,
      publicKey.export({ type: "spki", format: "der" }),
      tagged(0xa3, sequence(...extensions)),
    );
    const signature = sign("sha256", body, pair.privateKey);
    const whole = sequence(body, ecdsaWithSha256, bitString(signature));
    const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  };
  return {
    pem: certify(issuer, pair.publicKey, [isAuthority]),
    issue(names) {
      const own = newPair();
      return {
        cert: certify(nameOf("server"), own.publicKey, [alternativeNames(names)]),
        key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

function newPair() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

// DER (X.690): a tag, a length, the content.
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);
const integer = (bytes: Buffer) => tagged(0x02, bytes);
const bitString = (bytes: Buffer) => tagged(0x03, Buffer.from([0]), bytes);
const objectId = (hex: string) => tagged(0x06, Buffer.from(hex, "hex"));
const utf8 = (text: string) => tagged(0x0c, Buffer.from(text));

function utcTime(ms: number): Buffer {
  return tagged(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));

/** X.509's Name, with only a common name (2.5.4.3). */
function nameOf(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId("550403"), utf8(commonName))));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(objectId(id), tagged(0x04, value));
}

/** basicConstraints (2.5.29.19) with cA. */
const isAuthority = extension("551d13", sequence(tagged(0x01, Buffer.from([0xff]))));

/** subjectAltName (2.5.29.17): DNS names, and IPv4 addresses as such. */
function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    /^[\d.]+$/.test(name)
      ? tagged(0x87, Buffer.from(name.split(".").map(Number)))
      : tagged(0x82, Buffer.from(name)),
  );
  return extension("551d11", sequence(...entries));
}
