import type { FetchResponse } from "../../src/api/fetch.js";
import { answer } from "../support/fake-api.js";

interface WholeAnswer {
  status: number;
  body: string;
  type: string;
}

/** One request on its way to the server. */
export interface OnTheWay {
  /** Forwards it, and returns the whole response. */
  commit(): Promise<WholeAnswer>;
  /** Forwards it after this much more of the command's time. */
  commitLater(ms: number): void;
  /** Lets the current time limit end, because the request never ends by itself. */
  hang(): Promise<never>;
  /** In [0, 1), by the case's seed. */
  random(): number;
}

export interface FaultKind {
  name: string;
  /** The outcome of the request. */
  harm(request: OnTheWay): Promise<FetchResponse>;
  /** Absent: any request. */
  isFor?(method: string): boolean;
}

const broken = (code: string) => Object.assign(new Error(`read ${code}`), { code });

/** Response statuses for a request that was carried out. */
const afterCommit = [408, 500, 502, 503, 504].map(
  (status): FaultKind => ({
    name: `${status} after it was done`,
    harm: async ({ commit }) => {
      await commit();
      return answer(status, status === 502 ? "<html>Bad Gateway</html>" : "");
    },
  }),
);

const beforeCommit = [500, 503].map(
  (status): FaultKind => ({
    name: `${status}, nothing done`,
    harm: async () => answer(status, '{"error":"server_error","message":"no"}'),
  }),
);

const isChange = (method: string) => method !== "GET";
const signIn = "<html>Sign in to the network</html>";

/** Responses from systems in front of the API, which don't show the outcome of a change. */
const oddAnswers = [true, false].flatMap((isDone): FaultKind[] => {
  const name = isDone ? "after it was done" : "nothing done";
  const answered = (status: number, body: string, headers: Record<string, string> = {}) => ({
    isFor: isChange,
    harm: async ({ commit }: OnTheWay) => {
      if (isDone) await commit();
      return answer(status, body, "text/html", headers);
    },
  });
  return [
    { name: `302, ${name}`, ...answered(302, "", { location: "https://login.test/" }) },
    { name: `a page of HTML, ${name}`, ...answered(200, signIn) },
  ];
});

/** The failures in src/changes/README.md, "At most once", and a few more, with their effect on one request. */
export const faultKinds: readonly FaultKind[] = [
  {
    name: "refused",
    harm: async () => {
      throw broken("ECONNREFUSED");
    },
  },
  {
    name: "reset before it was read",
    harm: async () => {
      throw broken("ECONNRESET");
    },
  },
  {
    name: "reset after it was read",
    harm: async ({ commit }) => {
      await commit();
      throw broken("ECONNRESET");
    },
  },
  {
    name: "closed without an answer",
    harm: async ({ commit }) => {
      await commit();
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    },
  },
  {
    name: "reset inside the headers",
    harm: async ({ commit }) => {
      await commit();
      throw Object.assign(new Error("Parse Error"), { code: "HPE_INVALID_HEADER_TOKEN" });
    },
  },
  {
    name: "body cut by a reset",
    harm: async (request) => ({
      ...(await given(request)),
      body: pieces(await half(request), broken("ECONNRESET")),
    }),
  },
  {
    name: "body cut by its end",
    harm: async (request) => ({ ...(await given(request)), body: pieces(await half(request)) }),
  },
  {
    name: "body that stalls",
    harm: async (request) => ({
      ...(await given(request)),
      body: pieces(await half(request), () => request.hang()),
    }),
  },
  ...afterCommit,
  ...beforeCommit,
  {
    name: "headers that never come",
    harm: async ({ commit, hang }) => {
      await commit();
      return hang();
    },
  },
  {
    name: "a page of HTML",
    isFor: (method) => !isChange(method),
    harm: async () => answer(200, signIn, "text/html"),
  },
  ...oddAnswers,
  {
    name: "nothing with 200",
    harm: async ({ commit }) => {
      await commit();
      return answer(200, "");
    },
  },
  {
    name: "garbage with 200",
    harm: async ({ commit, random }) => {
      await commit();
      const bytes = Array.from({ length: 40 }, () => String.fromCharCode(Math.floor(random() * 256)));
      return answer(200, bytes.join(""));
    },
  },
  {
    name: "429 with Retry-After",
    harm: async ({ random }) =>
      answer(429, "", "application/json", { "retry-after": String(1 + Math.floor(random() * 5)) }),
  },
  {
    name: "done 0 to 8 s after a reset",
    // For others, a single GET may decide at once.
    isFor: (method) => method === "POST",
    harm: async ({ commitLater, random }) => {
      commitLater(random() * 8_000);
      throw broken("ECONNRESET");
    },
  },
];

const kept = new WeakMap<OnTheWay, Promise<WholeAnswer>>();

function whole(request: OnTheWay): Promise<WholeAnswer> {
  const known = kept.get(request) ?? request.commit();
  kept.set(request, known);
  return known;
}

async function given(request: OnTheWay): Promise<FetchResponse> {
  const { status, body, type } = await whole(request);
  return answer(status, body, type);
}

/** The part of the response's body before a seeded byte, never all of it. */
async function half(request: OnTheWay): Promise<string> {
  const { body } = await whole(request);
  return body.slice(0, Math.floor(request.random() * Math.max(0, body.length - 1)));
}

async function* pieces(text: string, end?: Error | (() => Promise<never>)): AsyncGenerator<Uint8Array> {
  if (text !== "") yield Buffer.from(text);
  if (typeof end === "function") await end();
  else if (end !== undefined) throw end;
}
