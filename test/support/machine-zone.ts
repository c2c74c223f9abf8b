import { afterAll, beforeAll } from "vitest";

/** Sets the machine's time zone for the tests of the file or `describe` that calls this. */
export function useMachineZone(zone: string): void {
  let before: string | undefined;
  beforeAll(() => {
    before = process.env.TZ;
    process.env.TZ = zone;
  });
  // Files share a process.
  afterAll(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
}
