import type { Automation, AutomationDetail } from "../../../api/types.js";
import type { DeploymentTarget } from "../../../fleet/selection.js";
import type { SummedForecast } from "../../../observe/forecast.js";
import type { RunStatistics } from "../../../observe/statistics.js";
import type { Column } from "../../../output/table.js";
import type { CollectedEach } from "../list/collect.js";
import type { SeenPlace } from "../list/reach.js";
import type { Counted, Since } from "./counted.js";

/** What columns depend on. */
export interface ColumnSetting {
  now: Date;
  /** Several deployments: a column says which. */
  isFleet: boolean;
  /** The terminal has Unicode's blocks. */
  hasBlocks: boolean;
}

/** The runs of an automation, or of all of a deployment's. */
export interface GroupRow {
  target: DeploymentTarget;
  /** Absent: a deployment's. */
  automation?: Pick<Automation, "automation_id" | "name">;
  /** How many of them had a run. */
  automations: number;
  statistics: RunStatistics;
  forecast: SummedForecast;
  /** From when on all of its runs are known; ms since 1970. */
  knownSinceMs: number;
}

/** What a row of statistics is of, and how it is told. `Each`: what is kept of an automation once it was read. */
export interface StatsView<Row, Each extends Counted> {
  see(place: SeenPlace, automation: AutomationDetail, since: Since): Each;
  /** In the usual order: what needs a look first. */
  rows(collected: CollectedEach<Each>, since: Since): Row[];
  /** `more`: shown only where they are named. */
  columns(look: ColumnSetting): { shown: Column<Row>[]; more: Column<Row>[] };
  /** A column that is always there. */
  firstKey: string;
  json(row: Row, look: Pick<ColumnSetting, "isFleet">): object;
  name(row: Row, look: Pick<ColumnSetting, "isFleet">): string;
  /** The line below the table; plain text. */
  total(rows: readonly Row[], collected: CollectedEach<Each>): string;
  /** Why there is no row though there are so many runs; plain text. */
  none(runs: number): string;
}
