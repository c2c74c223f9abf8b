/** A part of a list that is ordered newest first. */
export interface PageRequest {
  /** Only what has a smaller seq. */
  before: number;
  /** At most so many rows. */
  rows: number;
}
