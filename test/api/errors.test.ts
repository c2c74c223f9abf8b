import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ApiKeyError } from "../../src/api/errors.js";
import { json, scriptedServer, testClient, text } from "./scripted-server.js";

const get = async (answer: Parameters<typeof scriptedServer>[0]) => {
  const server = await scriptedServer(answer);
  const { herm } = testClient(server.url, { maxRetries: 0 });
  return herm.deployments.get("dep_1").then(
    () => "no error",
    (error: unknown) => error,
  );
};

describe("an API error", () => {
  it.each([
    [400, "ValidationError", "validation_error"],
    [401, "AuthenticationError", "unauthorized"],
    [402, "InsufficientCreditsError", "insufficient_credits"],
    [403, "PermissionDeniedError", "forbidden"],
    [404, "NotFoundError", "not_found"],
    [405, "ApiError", "error"],
    [409, "ConflictError", "deployment_not_ready"],
    [418, "ApiError", "error"],
    [422, "UnprocessableError", "error"],
    [429, "RateLimitError", "rate_limited"],
    [500, "ServerError", "server_error"],
    [503, "ServerError", "server_error"],
  ])("with status %i and no body is a %s with code %s", async (status, name, code) => {
    expect(await get(text(status, ""))).toMatchObject({
      name,
      status,
      code,
      message: `the API answered ${status}`,
    });
  });

  it.each([
    [
      "a code and a message",
      { error: "invalid_schedule", message: "No such day." },
      "invalid_schedule",
      "No such day.",
    ],
    ["an object with a code", { error: { code: "c_1", message: "M" } }, "c_1", "M"],
    ["an object with a type", { error: { type: "t_1", message: "M" } }, "t_1", "M"],
    ["a sentence alone", { error: "Schedule is not valid" }, "validation_error", "Schedule is not valid"],
    ["a code alone", { error: "bad_thing" }, "bad_thing", "the API answered 400: bad_thing"],
    ["a message alone", { message: "M" }, "validation_error", "M"],
    ["nulls", { error: null, message: null }, "validation_error", "the API answered 400"],
    ["an array", [], "validation_error", "the API answered 400"],
    ["a list of empty errors", { errors: [{}, [null, ""]] }, "validation_error", "the API answered 400"],
    [
      "another shape",
      { detail: [{ loc: ["body", "schedule"], msg: "field required" }] },
      "validation_error",
      'the API answered 400: {"detail":[{"loc":["body","schedule"],"msg":"field required"}]}',
    ],
    ["a list of strings", ["No such day."], "validation_error", 'the API answered 400: ["No such day."]'],
    ["a plain string", "No such\nday.", "validation_error", "the API answered 400: No such day."],
    [
      "another shape, cut when long",
      { errors: { schedule: ["m".repeat(600)] } },
      "validation_error",
      `the API answered 400: {"errors":{"schedule":["${"m".repeat(475)}…`,
    ],
    [
      "another shape, with escapes neutralised",
      { errors: ["\u001b[2J"] },
      "validation_error",
      'the API answered 400: {"errors":["\\u001b[2J"]}',
    ],
  ])("is read from %s", async (_name, body, code, message) => {
    expect(await get(json(400, body))).toMatchObject({ code, message, body: JSON.stringify(body) });
  });

  it("is read from application/problem+json", async () => {
    const problem = {
      type: "https://example.com/problems/no-such-day",
      title: "The schedule can't be read.",
      status: 400,
      detail: "There is no February 30.",
    };
    const type = { "content-type": "application/problem+json" };
    expect(await get(text(400, JSON.stringify(problem), type))).toMatchObject({
      code: "validation_error",
      message: "The schedule can't be read. There is no February 30.",
    });
    expect(await get(text(503, JSON.stringify({ title: "Busy" }), type))).toMatchObject({ message: "Busy" });
  });

  it("contains up to 500 characters of plain text", async () => {
    expect(await get(text(503, "upstream connect error,\n reset before headers\n"))).toMatchObject({
      code: "server_error",
      message: "the API answered 503: upstream connect error, reset before headers",
    });
    const long = await get(text(500, "🙂".repeat(20_000)));
    expect(long).toMatchObject({ message: `the API answered 500: ${"🙂".repeat(499)}…` });
  });

  it("contains up to 500 characters of a long message", async () => {
    expect(await get(json(400, { message: "m".repeat(600) }))).toMatchObject({
      message: `${"m".repeat(499)}…`,
      body: `{"message":"${"m".repeat(600)}"}`,
    });
  });

  it("reports HTML instead of JSON, such as a proxy's page", async () => {
    const error = await get(
      text(502, "<html><body>Bad gateway</body></html>", { "content-type": "text/html" }),
    );
    expect(error).toMatchObject({
      code: "server_error",
      message: "the API answered 502 with HTML instead of JSON",
      body: "<html><body>Bad gateway</body></html>",
    });
  });

  it.each([
    ["x-request-id", json(404, {}, { "x-request-id": "req_1" })],
    ["request-id", json(404, {}, { "request-id": "req_1" })],
    ["the body", json(404, { request_id: "req_1" })],
  ])("takes the request id from %s", async (_name, answer) => {
    expect(await get(answer)).toMatchObject({ requestId: "req_1" });
  });

  it("keeps the server's words if its body is cut short", async () => {
    const error = await get((response) => {
      response.writeHead(401, { "content-length": "100" });
      response.write('{"error":"unauth', () => response.socket?.end());
    });
    expect(error).toMatchObject({ name: "AuthenticationError", status: 401, code: "unauthorized" });
  });

  it("never repeats the key, even if the server does", async () => {
    const other = await get(json(400, { errors: ["key_of_the_tests"] }));
    expect(other).toMatchObject({ message: 'the API answered 400: {"errors":["[key]"]}' });
    const error = await get(json(401, { message: "key_of_the_tests is not a key" }));
    expect(error).toMatchObject({ message: "[key] is not a key", body: '{"message":"[key] is not a key"}' });
  });
});

describe("a response that isn't from the API", () => {
  it.each([
    ["HTML", text(200, "<!doctype html><p>Hello"), "the API answered 200 with HTML instead of JSON"],
    ["an empty body", text(200, ""), "the API answered 200 with nothing instead of JSON"],
    ["plain text", text(200, "fine"), "the API answered 200 with text instead of JSON"],
    ["an array", json(200, []), "the API answered 200 with JSON that isn't an object"],
    ["null", json(200, null), "the API answered 200 with JSON that isn't an object"],
    ["an object without an id", json(200, { name: "D" }), "the API answered 200 with no deployment_id in it"],
    [
      "an object nested too deep",
      text(200, `{"deployment_id":"dep_1","x":${"[".repeat(5_000)}${"]".repeat(5_000)}}`),
      "the API answered 200 with JSON nested more than 64 levels deep",
    ],
    [
      "a truncated object",
      text(200, '{"deployment_id":"dep_1"'),
      "the API answered 200 with text instead of JSON",
    ],
  ])("is an UnexpectedAnswerError: %s", async (_name, answer, message) => {
    expect(await get(answer)).toMatchObject({ name: "UnexpectedAnswerError", status: 200, message });
  });
});

it("an uncaught error prints only what it knows", () => {
  expect(inspect(new ApiKeyError("there is no API key"))).not.toContain("undefined");
});
