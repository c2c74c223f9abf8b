import { afterAll, beforeAll } from "vitest";

/** Sets the machine's time zone for the tests in the file or `describe` that calls this. */
export function useMachineZone(zone: string): void {
  let before: string | undefined;
  beforeAll(() => {
    before = process.env.TZ;
    process.env.TZ = zone;
  });
  // Test files share a process.
  afterAll(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
}
