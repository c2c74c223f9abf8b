import { expect, it } from "vitest";
import { connectionError } from "../../src/api/errors.js";

// Not every machine that runs the tests can switch IPv6 off, or be without a network.
it.each([
  ["EADDRNOTAVAIL", "this machine has no route to it"],
  ["EHOSTUNREACH", "no route to the host"],
  ["ENETUNREACH", "the network is unreachable"],
])("a connection error explains %s, and says that no data was sent", (code, words) => {
  const fault = Object.assign(new Error(`connect ${code} ::1:9 - Local (:::0)`), {
    code,
    syscall: "connect",
  });
  expect(connectionError(fault, { host: "[::1]:9", sending: "unknown" })).toMatchObject({
    message: `[::1]:9: ${words} (${code})`,
    neverArrived: true,
  });
});
