/** The colour for a number among a terminal's 256, as `rrggbb`; a theme defines the first sixteen. */
export function rgbOf(number: number, sixteen: readonly string[]): string {
  if (number < 16) return sixteen[number] ?? "";
  const steps = [0, 95, 135, 175, 215, 255];
  const at = number - 16;
  const grey = 8 + 10 * (number - 232);
  return hex(
    number < 232
      ? [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((step) => steps[step] ?? 0)
      : [grey, grey, grey],
  );
}

/** WCAG's contrast ratio for two colours: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Mixes two colours: `share` 0 is the first, 1 the second. */
export function mixed(one: string, other: string, share: number): string {
  const to = parts(other);
  return hex(parts(one).map((part, at) => Math.round(part + ((to[at] ?? part) - part) * share)));
}

const luminance = (rgb: string): number => {
  const [red = 0, green = 0, blue = 0] = parts(rgb).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const parts = (rgb: string): number[] => (rgb.match(/../g) ?? []).map((part) => Number.parseInt(part, 16));

const hex = (numbers: readonly number[]): string =>
  numbers.map((number) => number.toString(16).padStart(2, "0")).join("");
