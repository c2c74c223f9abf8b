/** One row of the claims, measured by a module in this folder. */
export interface Claim {
  measure: string;
  ours: string;
  cases: number;
  ok: boolean;
}
