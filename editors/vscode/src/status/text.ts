/** What the status bar says: pure functions of what is known. */

import * as path from "node:path";

import { bytesText, clockText, countText } from "../amounts.ts";
import type { IndexState, Phase } from "../protocol.ts";
import { missingText } from "../server/finding.ts";
import type { Condition } from "../server/server.ts";

/** An item of the status bar. `details`: lines of Markdown. `isWarning`: it wants to be looked at. */
export interface ItemText {
  text: string;
  details: string[];
  isWarning: boolean;
}

/** Of several folders, the one whose state is told is the first of these. */
const PRECEDENCE: Phase[] = [
  ...(["failed", "indexing", "waiting", "paused", "reading", "opening", "checking", "finishing", "idle"] as const),
];

/** What is said of the server, and of the folders while it runs. */
export function itemText(condition: Condition, states: readonly IndexState[]): ItemText {
  if (condition.name === "running") return ofFolders(states);
  const details = [escaped(conditionText(condition))];
  switch (condition.name) {
    case "missing":
      return { text: "$(warning) cpplsp: not installed", details, isWarning: true };
    case "ended":
      return { text: "$(error) cpplsp: stopped", details, isWarning: true };
    case "pausing":
      return { text: "$(warning) cpplsp: restarting", details, isWarning: true };
    case "stopped":
      return { text: "$(circle-slash) cpplsp", details, isWarning: false };
    case "starting":
      return { text: "$(sync~spin) cpplsp", details, isWarning: false };
  }
}

/** What the server is at, in a sentence or two. */
export function conditionText(condition: Condition): string {
  switch (condition.name) {
    case "missing":
      return sentence(missingText(condition.notFound));
    case "ended":
      return ended(condition.reason);
    case "pausing":
      return `${ended(condition.reason)} It is started again in ${condition.delayMs / 1000} s.`;
    case "stopped":
      return "The server does not run.";
    case "starting":
      return "The server starts.";
    case "running":
      return "The server runs.";
  }
}

/** Whether indexing is paused in one of the folders. */
export function isPaused(states: readonly IndexState[]): boolean {
  return states.some((state) => state.phase === "paused");
}

function ofFolders(states: readonly IndexState[]): ItemText {
  const chosen = PRECEDENCE.flatMap((phase) => states.filter((state) => state.phase === phase))[0];
  if (chosen === undefined) return { text: "$(sync~spin) cpplsp", details: ["The server opens the folder."], isWarning: false };
  const details = states.flatMap((state) => [`**${path.basename(state.folder)}**: ${detail(state)}`]);
  return { text: short(chosen), details, isWarning: chosen.phase === "failed" };
}

function short(state: IndexState): string {
  switch (state.phase) {
    case "indexing": {
      const memory = state.memoryBytes > 0 ? ` · ${bytesText(state.memoryBytes)}` : "";
      const workers = state.workers > 0 ? ` · ${countText(state.workers, "worker")}` : "";
      return `$(sync~spin) cpplsp ${state.done}/${state.total}${workers}${memory}`;
    }
    case "paused":
      return `$(debug-pause) cpplsp: paused at ${state.done}/${state.total}`;
    case "waiting":
      return "$(watch) cpplsp: another one indexes";
    case "failed":
      return "$(error) cpplsp: not indexed";
    case "opening":
    case "reading":
      return "$(sync~spin) cpplsp";
    case "checking":
    case "finishing":
    case "idle":
      return state.failed > 0 ? `$(warning) cpplsp: ${state.failed} failed` : "$(check) cpplsp";
  }
}

function detail(state: IndexState): string {
  switch (state.phase) {
    case "indexing": {
      const left = state.remainingS === null ? "" : `, about ${clockText(state.remainingS)} left`;
      const current = state.current === null ? "" : `; now ${code(state.current)}`;
      const memory =
        state.memoryBytes > 0 ? `, ${bytesText(state.memoryBytes)} of ${bytesText(state.budgetBytes)}` : "";
      const workers = countText(state.workers, "worker");
      return `${state.done} of ${countText(state.total, "unit")}${left}; ${workers}${memory}${current}${troubles(state)}`;
    }
    case "paused":
      return `indexing is paused at ${state.done} of ${countText(state.total, "unit")}`;
    case "waiting":
    case "failed":
      return escaped(state.message);
    case "opening":
      return "is being opened";
    case "reading":
      return "its compile database is being read";
    case "checking":
    case "finishing":
    case "idle":
      return `${countText(state.total, "unit")}, up to date${troubles(state)}`;
  }
}

function troubles(state: IndexState): string {
  const failed = state.failed > 0 ? `, ${state.failed} failed` : "";
  return failed + (state.withErrors > 0 ? `, ${state.withErrors} with errors` : "");
}

function ended(reason: string): string {
  return sentence(`the server has ended: ${reason === "" ? "it said nothing" : reason}`);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.)]$/.test(text) ? "" : ".");
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>]/g, String.raw`\$&`);
}
