import { describe, expect, it } from "vitest";
import { followAll, redirects, refusals } from "./redirects.js";

describe("a redirect away from the API's origin", () => {
  it.each(redirects)("$status to $name brings nothing there, whatever was asked", async (redirect) => {
    expect(await followAll(redirect)).toEqual({
      outcomes: refusals(redirect.status),
      arrived: { connections: 0, bytes: 0 },
    });
  });
});
