/**
 * Whether a terminal can be trusted to have Unicode's blocks: not the Linux console, whose font lacks most of them, and not
 * where the locale says that the terminal isn't of Unicode. A locale that says nothing says nothing against it.
 */
export function hasBlocks({ env }: { env(name: string): string | undefined }): boolean {
  const locale = env("LC_ALL") || env("LC_CTYPE") || env("LANG") || "UTF-8";
  return env("TERM") !== "linux" && /utf-?8/i.test(locale);
}
