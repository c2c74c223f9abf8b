export interface Block {
  event?: string;
  id?: string;
  data?: unknown;
}

export interface BlockReader {
  /** Returns this many more blocks, skipping comments. */
  take(count: number): Promise<Block[]>;
  /** Returns blocks up to the first match. */
  until(fits: (block: Block) => boolean): Promise<Block[]>;
  /** Returns everything as received, until the stream ends; rejects if it breaks. */
  rest(): Promise<Block[]>;
  close(): Promise<void>;
}

/** Reads an event stream block by block; supports only the forms that the server itself writes. */
export function readBlocks(response: Response): BlockReader {
  if (response.status !== 200 || !response.body) throw new Error(`no stream: ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const next = async (): Promise<Block | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += decoder.decode(value, { stream: true });
        continue;
      }
      const block = toBlock(text.slice(0, end));
      text = text.slice(end + 2);
      if (block) return block;
    }
  };
  const until = async (fits: (block: Block) => boolean) => {
    const blocks: Block[] = [];
    for (let block = await next(); block; block = await next()) {
      blocks.push(block);
      if (fits(block)) break;
    }
    return blocks;
  };
  return {
    until,
    take: (count) => {
      let taken = 0;
      return until(() => {
        taken += 1;
        return taken === count;
      });
    },
    rest: () => until(() => false),
    close: () => reader.cancel(),
  };
}

/** True if a block shows that a run has ended or is waiting. */
export function isFinal(block: Block): boolean {
  return (
    block.event === "run_status" && /"(completed|error|waiting_on_human)"/.test(JSON.stringify(block.data))
  );
}

function toBlock(text: string): Block | undefined {
  const block: Block = {};
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^(event|id|data): (.*)$/.exec(line) ?? [];
    if (name === "data") block.data = JSON.parse(value);
    else if (name === "event" || name === "id") block[name] = value;
  }
  return Object.keys(block).length === 0 ? undefined : block;
}
