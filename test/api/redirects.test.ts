import { describe, expect, it } from "vitest";
import { followAll, redirects, refusals } from "./redirects.js";

describe("a redirect away from the API's origin", () => {
  it.each(redirects)("with $status to $name sends no byte to the other server", async (redirect) => {
    expect(await followAll(redirect)).toEqual({
      outcomes: refusals(redirect.status),
      arrived: { connections: 0, bytes: 0 },
    });
  });
});
