interface Dispatched {
  event: string;
  data: string;
}

export interface Dispatcher {
  /** Returns the events that these bytes complete, in order. One call at a time. */
  feed(bytes: Uint8Array): Promise<Dispatched[]>;
  close(): void;
}

interface Chunk {
  done: false;
  value: Uint8Array;
}

/**
 * `eventsource` as parser and dispatcher, one instance a connection: it is given an answer whose reader hands out what
 * `feed` gets, and its asking for more says that a chunk is done with. It can't hold the connection itself: it opens
 * again by a clock of its own, without the back-off, the silence that counts as dead and the API's refusals; it turns
 * what a read fails with into a text; and it drops the id of a block without data. So the client opens, reads and
 * closes, the normaliser in front keeps the ids, and this is all that it is asked.
 */
export async function createDispatcher(): Promise<Dispatcher> {
  const { EventSource } = await import("eventsource");
  let collected: Dispatched[] = [];
  let give: ((chunk: Chunk) => void) | undefined;
  let onAsked: () => void = () => {};
  let onBroken: (reason: Error) => void = () => {};

  const read = () =>
    new Promise<Chunk>((resolve) => {
      give = resolve;
      onAsked();
    });
  const answer = {
    url: "",
    status: 200,
    redirected: false,
    headers: { get: () => "text/event-stream" },
    body: { getReader: () => ({ read, cancel: () => Promise.resolve() }) },
  };

  // Listeners see only the names that they ask for; here every event comes by, whatever its name.
  class Tap extends EventSource {
    override dispatchEvent(event: Event): boolean {
      if ("data" in event) collected.push({ event: event.type, data: String(event.data) });
      else if (event.type === "error") onBroken(new Error("the event stream's parser stopped"));
      return true;
    }
  }

  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  const source = new Tap("http://localhost/", { fetch: () => Promise.resolve(answer) });
  await asked;

  return {
    feed(bytes) {
      return new Promise((resolve, reject) => {
        onBroken = reject;
        onAsked = () => {
          const events = collected;
          collected = [];
          resolve(events);
        };
        give?.({ done: false, value: bytes });
      });
    },
    close: () => source.close(),
  };
}
