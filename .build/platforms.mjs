/** The platforms for which executables are built, and the Bun for each. */

/** Bun's version; its packages on npm are named `@oven/bun-…`. */
export const bunVersion = "1.4.5";

/**
 * `bun` is the package, `integrity` its required checksum, `target` Bun's name for the platform. One build serves all
 * x64 machines since Nehalem (2008), because it detects AVX2 when it runs.
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

/** The name of this machine's platform, even if no executable is built for it. */
export function thisPlatform() {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const isMusl = system === "linux" && process.report.getReport().header.glibcVersionRuntime === undefined;
  return `${system}-${process.arch}${isMusl ? "-musl" : ""}`;
}

/**
 * The requested executables, each as `{ platform, file }`. By default only `herm` for this platform; with `--platform
 * <name>` or `--all`, the file's name includes the platform, as releases need it. Throws for other arguments.
 */
export function wanted(words, here = thisPlatform()) {
  // This platform's Bun compiles all of the executables.
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
