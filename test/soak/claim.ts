/** One row of what is claimed: measured by a module of this folder. */
export interface Claim {
  measure: string;
  ours: string;
  cases: number;
  ok: boolean;
}
