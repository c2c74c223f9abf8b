import { conformingCases, connectionsUnderRetry, readThroughCuts } from "../api/trials.js";

/** The claims about the event stream (src/api/README.md, "The stream of events"), in counts. */
export async function soak(): Promise<{ measure: string; ours: string; cases: number; ok: boolean }[]> {
  const { cases, conforming } = await conformingCases();
  const seeds = [1, 2, 3, 4, 5];
  const cuts = { lost: 0, doubled: 0, disordered: 0, connections: 0 };
  for (const seed of seeds) {
    const result = await readThroughCuts({ seed, events: 10_000, cuts: 1000 });
    cuts.lost += result.lost;
    cuts.doubled += result.doubled;
    cuts.disordered += result.disordered;
    cuts.connections += result.connections;
  }
  const wishes = ["0", "1", "-1", "garbage", "2147483648", "9".repeat(30)];
  const connections: number[] = [];
  for (const wish of wishes) connections.push(await connectionsUnderRetry(wish));
  return [
    {
      measure: "event-stream vectors × chunkings that match the standard",
      ours: `${conforming}`,
      cases,
      ok: conforming === cases,
    },
    {
      measure: "events lost, doubled and out of order, 10,000 with 1,000 cuts",
      ours: `${cuts.lost}, ${cuts.doubled} and ${cuts.disordered}`,
      cases: seeds.length * 10_000,
      ok: cuts.lost + cuts.doubled + cuts.disordered === 0 && cuts.connections === seeds.length * 1001,
    },
    {
      measure: "most connections in 10 s to a server that always closes, with a hostile retry",
      ours: `${Math.max(...connections)}`,
      cases: wishes.length,
      ok: Math.max(...connections) <= 40,
    },
  ];
}
