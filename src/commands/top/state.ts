import type { Key } from "../../prompts/key-reader.js";
import { actionOn, type RowAction, type Verb } from "./row-action.js";
import { isWaitingRow, type SortKey, sortedRows, sortKeys, type TopRow } from "./top-row.js";

export interface TopState {
  rows: readonly TopRow[];
  ordered: readonly TopRow[];
  shown: readonly TopRow[];
  /** Key of the row that the user moved to, which stays selected even if it moves; before that, of the first row. */
  selected: string | undefined;
  at: number;
  top: number;
  sort: SortKey;
  filter: string;
  mode: "list" | "filter" | "keys" | "asks";
  pendingAction: RowAction | undefined;
  /** Key of the selected row, if its detail shows a run that is waiting. */
  waiting: string | undefined;
  /** Key of the row last answered. Once it no longer waits, the row that moves into its place is selected. */
  answered: string | undefined;
  message: { text: string; isBad: boolean } | undefined;
  /** The change that each row is undergoing, until its outcome is known. */
  pending: ReadonlyMap<string, string>;
  freeze: string | undefined;
  hasDetail: boolean;
  isDetailChosen: boolean;
  isFleet: boolean;
}

export type KeyCommand = "leave" | "interrupt" | "stop" | "redraw";

interface Pressed {
  state: TopState;
  command?: KeyCommand;
  action?: RowAction;
}

export function firstState({ hasDetail, freeze }: Pick<TopState, "hasDetail" | "freeze">): TopState {
  const [sort] = sortKeys;
  return {
    rows: [],
    ordered: [],
    shown: [],
    selected: undefined,
    at: 0,
    top: 0,
    sort,
    filter: "",
    mode: "list",
    hasDetail,
    isDetailChosen: false,
    isFleet: false,
    pendingAction: undefined,
    waiting: undefined,
    answered: undefined,
    message: undefined,
    pending: new Map(),
    freeze,
  };
}

export function withRows(state: TopState, { rows, isFleet }: Pick<TopState, "rows" | "isFleet">): TopState {
  const isSame = rows === state.rows && isFleet === state.isFleet;
  if (isSame) return state;
  const arranged = arrange(state, { rows, isFleet });
  return { ...arranged, selected: state.selected && arranged.selected };
}

export function withRoom(state: TopState, hasRoom: boolean): TopState {
  return state.isDetailChosen ? state : { ...state, hasDetail: hasRoom };
}

export function selectedRow({ shown, at }: TopState): TopRow | undefined {
  return shown[at];
}

/** Scrolls just enough to show the selected row. */
export function scrollToSelection(state: TopState, height: number): TopState {
  const { at, shown } = state;
  const rows = Math.max(1, height);
  const lastTop = Math.max(0, shown.length - rows);
  const top = Math.min(lastTop, Math.max(at - rows + 1, Math.min(state.top, at)));
  return top === state.top ? state : { ...state, top };
}

export function deploymentsInSight(state: TopState, height: number): string[] {
  const rows = [selectedRow(state), ...state.shown.slice(state.top, state.top + height)];
  return [...new Set(rows.flatMap((row) => row?.deployment_id ?? []))];
}

/** `height` is the number of visible rows; if it is 0, keys don't act on rows that can't be seen. */
export function pressKey(before: TopState, key: Key, height: number): Pressed {
  // If a message arrived while another view covered it, it hasn't been seen yet.
  const state =
    before.message === undefined || before.mode !== "list" ? before : { ...before, message: undefined };
  if (key.name === "ctrl-c") return { state, command: "interrupt" };
  if (key.name === "ctrl-z") return { state, command: "stop" };
  if (key.name === "ctrl-l") return { state, command: "redraw" };
  if (height === 0) return key.name === "text" && key.text === "q" ? { state, command: "leave" } : { state };
  if (state.mode === "filter") return { state: editFilter(state, key) ?? moveSelection(state, key, height) };
  // In this view, `q` only closes the page, as in other pagers.
  if (state.mode === "keys") return { state: { ...state, mode: "list" } };
  if (state.mode === "asks") return confirmKey(state, key);
  if (key.name === "text" && key.text === "q") return { state, command: "leave" };
  return actionKey(state, key) ?? { state: listKey(state, key) ?? moveSelection(state, key, height) };
}

/** Only a typed `y` counts as a yes. */
function confirmKey(state: TopState, key: Key): Pressed {
  const over: TopState = { ...state, mode: "list", pendingAction: undefined };
  const isYes = key.name === "text" && key.text.toLowerCase() === "y";
  return isYes && state.pendingAction !== undefined
    ? { state: over, action: state.pendingAction }
    : { state: withMessage(over, "nothing changed") };
}

export function withMessage(state: TopState, text: string, { isBad = false } = {}): TopState {
  return { ...state, message: text === "" ? undefined : { text, isBad } };
}

export function withPending(state: TopState, key: string, text: string | undefined): TopState {
  const others = [...state.pending].filter(([each]) => each !== key);
  return { ...state, pending: new Map(text === undefined ? others : [...others, [key, text]]) };
}

const verbs: Readonly<Record<string, Verb>> = { p: "pause", r: "resume", t: "trigger", a: "answer" };

/** Asks first, except before following a run, or before an answer, because the user confirms that after typing it. */
function actionKey(state: TopState, key: Key): Pressed | undefined {
  const verb = key.name === "enter" ? "watch" : key.name === "text" ? verbs[key.text] : undefined;
  const row = selectedRow(state);
  if (verb === undefined || row === undefined) return undefined;
  const action = actionOn(row, verb, state);
  const problem = whyNot(action, row, state);
  if (problem !== undefined) return { state: withMessage(state, problem, { isBad: true }) };
  const selected = row.key;
  if (verb === "watch" || verb === "answer") return { state: { ...state, selected }, action };
  return { state: { ...state, selected, mode: "asks", pendingAction: action } };
}

function whyNot(
  { verb, name }: RowAction,
  { key, automation }: TopRow,
  { freeze, waiting, pending }: TopState,
): string | undefined {
  const isStarting = verb === "resume" || verb === "trigger";
  if (isStarting && freeze !== undefined) return `frozen: ${freeze}`;
  if (isStarting && pending.has(key)) return `${name} is being changed`;
  const { enabled, last_run_status: last, last_run_at } = automation;
  if (verb === "pause" && enabled === false) return `${name} is already paused`;
  if (verb === "resume" && enabled === true) return `${name} is already enabled`;
  const isWaiting = last === "waiting_on_human" || waiting === key;
  if (verb === "answer" && !isWaiting) return `${name} is not waiting for an answer`;
  if (verb === "watch" && !last_run_at) return `${name} has no runs yet; t runs it`;
  return undefined;
}

function listKey(state: TopState, key: Key): TopState | undefined {
  if (key.name === "escape") return arrange(state, { filter: "" });
  if (key.name !== "text") return undefined;
  switch (key.text) {
    case "/":
      return { ...state, mode: "filter" };
    case "?":
      return { ...state, mode: "keys" };
    case "d":
      return { ...state, hasDetail: !state.hasDetail, isDetailChosen: true };
    case "s":
      return arrange(state, { sort: nextSort(state) });
    default:
      return undefined;
  }
}

function editFilter(state: TopState, key: Key): TopState | undefined {
  const { filter } = state;
  switch (key.name) {
    case "text":
      return arrange(state, { filter: filter + key.text });
    case "pasted":
      return arrange(state, { filter: filter + (key.text.split(/[\r\n]/)[0] ?? "") });
    case "backspace":
      return arrange(state, { filter: [...filter].slice(0, -1).join("") });
    case "ctrl-u":
      return arrange(state, { filter: "" });
    case "enter":
      return { ...state, mode: "list" };
    case "escape":
      return arrange(state, { filter: "", mode: "list" });
    default:
      return undefined;
  }
}

function moveSelection(state: TopState, key: Key, height: number): TopState {
  const page = Math.max(1, height - 1);
  const last = state.shown.length - 1;
  const letter = key.name === "text" ? key.text : "";
  const steps: Partial<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    "page up": -page,
    "page down": page,
    " ": page,
    home: -last,
    g: -last,
    end: last,
    G: last,
  };
  const step = steps[letter === "" ? key.name : letter];
  if (step === undefined || last < 0) return state;
  const at = Math.min(last, Math.max(0, state.at + step));
  return { ...state, at, selected: state.shown[at]?.key };
}

function nextSort({ sort, isFleet }: TopState): SortKey {
  const keys = sortKeys.filter((key) => isFleet || key !== "deployment");
  return keys[(keys.indexOf(sort) + 1) % keys.length] ?? sort;
}

/** Filters and sorts again if needed, and finds the selected row; if that row is gone, selects the next one. */
function arrange(before: TopState, change: Partial<TopState>): TopState {
  const state = { ...before, ...change };
  const isSameSort = state.sort === before.sort;
  const ordered =
    isSameSort && state.rows === before.rows
      ? before.ordered
      : sortedRows(state.rows, state.sort, isSameSort ? before.ordered : []);
  const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = ordered.filter(({ search }) => words.every((word) => search.includes(word)));
  const found = shown.findIndex(({ key }) => key === state.selected);
  const row = shown[found];
  // Moves on only once, because the user may go back to the row.
  const isDone = row !== undefined && row.key === state.answered && !isWaitingRow(row);
  const at = isDone || row === undefined ? Math.max(0, Math.min(state.at, shown.length - 1)) : found;
  const answered = isDone ? undefined : state.answered;
  return { ...state, ordered, shown, at, answered, selected: shown[at]?.key };
}
