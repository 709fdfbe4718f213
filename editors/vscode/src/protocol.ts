/** What cpplsp's server says beyond the Language Server Protocol; the other side is `cpplsp/lsp/administration.py`. */

import type { Location } from "vscode-languageclient";

/** Server to client, if the client's `experimental.cpplsp.indexState` is true: an {@link IndexState}. */
export const INDEX_STATE = "cpplsp/indexState";
/** No parameters; result: a {@link FolderStatus} for each workspace folder. */
export const INDEX_STATUS = "cpplsp/indexStatus";
/** Parameters: a `TextDocumentIdentifier`; result: the lines (`Location[]`) that include that file. */
export const INCLUDERS = "cpplsp/includers";
/** clangd's: parameters: a `TextDocumentIdentifier`; result: a URI, or null. */
export const SWITCH_SOURCE_HEADER = "textDocument/switchSourceHeader";
/** clangd's: no parameters; result: a {@link MemoryTree}. */
export const MEMORY_USAGE = "$/memoryUsage";

/** The server's commands (`workspace/executeCommand`): each acts on all folders, and returns nothing. */
export const SERVER_COMMANDS = {
  rebuild: "cpplsp.index.rebuild",
  retryFailed: "cpplsp.index.retryFailed",
  pause: "cpplsp.index.pause",
  resume: "cpplsp.index.resume",
} as const;

export type Phase =
  | "opening"
  | "reading"
  | "checking"
  | "indexing"
  | "finishing"
  | "idle"
  | "paused"
  | "waiting"
  | "failed";

/** How far the indexing of a folder (path) is. `message`: what it waits for, or why it failed. Memory in bytes, of all its processes.
 *  `database`: path of the compile database; "" where there is none. Null until that is known; older servers do not say. */
export interface IndexState {
  folder: string;
  phase: Phase;
  done: number;
  total: number;
  failed: number;
  withErrors: number;
  current: string | null;
  workers: number;
  memoryBytes: number;
  budgetBytes: number;
  remainingS: number | null;
  message: string;
  database?: string | null;
}

/** A unit that could not be read, or has errors. `location`: of the first error, where it names a place. */
export interface TroubledUnit {
  uri: string;
  path: string;
  state: string;
  error: string;
  errors: number;
  location: Location | null;
}

/** What the index of a folder holds. `units`: how many are in each state. */
export interface IndexContents {
  path: string;
  sizeBytes: number;
  changedS: number;
  units: Record<string, number>;
  failed: TroubledUnit[];
  withErrors: TroubledUnit[];
  files: number;
  symbols: number;
  occurrences: number;
}

export interface FolderStatus {
  folder: string;
  state: IndexState;
  index: IndexContents | null;
}

/** Bytes of a component, by itself and with its parts; all other keys are parts. */
export type MemoryTree = { _self: number; _total: number } & { [part: string]: MemoryTree | number };
