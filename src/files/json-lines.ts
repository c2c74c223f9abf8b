/**
 * What a file of ours with one JSON value a line holds. A line that was cut off or damaged, or that is something else, is
 * passed over.
 */
export function readLines<Line>(text: string, isLine: (value: unknown) => value is Line): Line[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isLine(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}
