/** The `Server` header of a local server, by which alone it is told from other APIs. */
export const localServerName = "herm-dev";

/** An id before every event of a local server: a stream that continues from it replays all that is kept. */
export const beforeEveryEvent = "evt_0";
