/** What every answer of a local server says in its `Server` header; by it alone it is told from other APIs. */
export const localServerName = "herm-dev";

/** An id that stands before every event of a local server: a stream that goes on from it replays all that is kept. */
export const beforeEveryEvent = "evt_0";
