/** The platforms that an executable is built for, and the Bun that each takes. */

/** Bun's version; its packages on npm are named `@oven/bun-…`. */
export const bunVersion = "1.4.5";

/**
 * `bun` is the package, `integrity` what it must have, `target` what Bun calls the platform. One build serves every
 * x64 machine since Nehalem (2008): it looks for AVX2 as it runs.
 */
export const platforms = {
  "linux-x64": {
    bun: "bun-linux-x64",
    target: "bun-linux-x64",
    integrity:
      "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
  },
  "linux-arm64": {
    bun: "bun-linux-aarch64",
    target: "bun-linux-arm64",
    integrity:
      "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
  },
  "linux-x64-musl": {
    bun: "bun-linux-x64-musl",
    target: "bun-linux-x64-musl",
    integrity:
      "sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==",
  },
  "darwin-arm64": {
    bun: "bun-darwin-aarch64",
    target: "bun-darwin-arm64",
    integrity:
      "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
  },
  "darwin-x64": {
    bun: "bun-darwin-x64",
    target: "bun-darwin-x64",
    integrity:
      "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
  },
  "windows-x64": {
    bun: "bun-windows-x64",
    target: "bun-windows-x64",
    integrity:
      "sha512-FNvply651vcE/GHgNWz6mZvhmkwBuu8Hw54oNzA+CQog+HW+542rXQmZqNHRkFxazD9L3xi+iTtvO3engAgJfw==",
  },
};

/** The name of this machine's platform, whether an executable is built for it or not. */
export function thisPlatform() {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const isMusl = system === "linux" && process.report.getReport().header.glibcVersionRuntime === undefined;
  return `${system}-${process.arch}${isMusl ? "-musl" : ""}`;
}

/**
 * The executables that are asked for: `{ platform, file }` of each. Without words it is `herm` of this platform; with
 * `--platform <name>` or `--all` the platform is in the file's name, as a release needs it. Throws for other words.
 */
export function wanted(words, here = thisPlatform()) {
  // Whatever is built, it is this platform's Bun that compiles it.
  known(here);
  if (words.length === 0) return [{ platform: here, file: `herm${suffix(here)}` }];
  const [word, name, ...others] = words;
  if (word === "--all" && name === undefined) return Object.keys(platforms).map(named);
  if (word !== "--platform" || name === undefined || others.length > 0) {
    throw new Error("usage: npm run build:binary [-- --all | -- --platform <name>]");
  }
  return [named(known(name))];
}

function named(platform) {
  return { platform, file: `herm-${platform}${suffix(platform)}` };
}

function suffix(platform) {
  return platform.startsWith("windows") ? ".exe" : "";
}

function known(name) {
  if (Object.hasOwn(platforms, name)) return name;
  throw new Error(`no executable is built for ${name}; for these: ${Object.keys(platforms).join(", ")}`);
}
