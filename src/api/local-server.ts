/** What every answer of a local server says in its `Server` header; by it alone it is told from other APIs. */
export const localServerName = "herm-dev";
