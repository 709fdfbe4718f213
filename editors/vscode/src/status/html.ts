/** The status page's HTML: a pure function of what the server says. */

import * as path from "node:path";

import { bytesText, clockText, countText } from "../amounts.ts";
import type { FolderStatus, IndexContents, IndexState, TroubledUnit } from "../protocol.ts";
import type { Condition } from "../server/server.ts";
import { conditionText } from "./text.ts";

/** Units are listed up to so many: a page that nobody reads to its end takes long to draw. */
const MOST_UNITS = 500;

const STATES: Record<string, string> = {
  pending: "still to be read",
  indexed: "read",
  errors: "read, with errors",
  failed: "could not be read",
  crashed: "crashed, twice",
  timed_out: "took too long",
  out_of_memory: "needs more memory than there is",
};

/** What a click on the page asks for: a command, or a place to open. */
export type PageMessage = { command: string } | { open: string; line: number; character: number };

/** What there is to show: what the server says of each folder, or what it is at while it says nothing. */
export type Shown = { folders: readonly FolderStatus[] } | { condition: Condition };

/** The whole page. `nonce`: of this drawing; `csp`: the source that the webview allows for styles. */
export function pageHtml(shown: Shown, nonce: string, csp: string): string {
  const [body, actions] =
    "folders" in shown
      ? [shown.folders.map(folderHtml).join("") || "<p>No folder is open.</p>", folderActions(shown.folders)]
      : [`<p>${escapeHtml(conditionText(shown.condition))}</p>`, serverActions(shown.condition)];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src ${csp} 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<title>cpplsp index status</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><h1>C/C++ index</h1>${actionsHtml(actions)}</header>
${body}
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>`;
}

function folderHtml({ folder, state, index }: FolderStatus): string {
  return `<section>
<h2>${escapeHtml(path.basename(folder))} <span class="path">${escapeHtml(folder)}</span></h2>
${stateHtml(state)}
${index === null ? `<p class="muted">There is no index yet.</p>` : contentsHtml(index)}
</section>`;
}

function stateHtml(state: IndexState): string {
  if (state.phase === "failed") return `<p class="error">${escapeHtml(state.message)}</p>`;
  if (state.phase === "waiting") return `<p>${escapeHtml(state.message)}</p>`;
  if (state.phase === "paused") return `<p>Indexing is paused at ${state.done} of ${state.total} units.</p>`;
  if (state.phase !== "indexing") return "";
  const left = state.remainingS === null ? "" : `, about ${clockText(state.remainingS)} left`;
  const current = state.current === null ? "" : ` <code>${escapeHtml(state.current)}</code>`;
  return `<progress max="${state.total}" value="${state.done}"></progress>
<p>${state.done} of ${countText(state.total, "unit")}${left} · ${countText(state.workers, "worker")},
${bytesText(state.memoryBytes)} of ${bytesText(state.budgetBytes)}${current}</p>`;
}

function contentsHtml(index: IndexContents): string {
  const facts: [string, string][] = [
    ["Files", index.files.toLocaleString("en")],
    ["Symbols", index.symbols.toLocaleString("en")],
    ["Occurrences", index.occurrences.toLocaleString("en")],
    ["On disk", bytesText(index.sizeBytes)],
    ["Last written", new Date(index.changedS * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })],
  ];
  const units = Object.entries(index.units).map(([name, count]): [string, string] => [
    `Units ${STATES[name] ?? name}`,
    count.toLocaleString("en"),
  ]);
  const rows = [...units, ...facts].map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd></div>`);
  return `<dl>${rows.join("")}</dl>
${unitsHtml("Failed units", index.failed)}
${unitsHtml("Units with errors", index.withErrors)}
<p class="muted">${escapeHtml(index.path)}</p>`;
}

function unitsHtml(title: string, units: readonly TroubledUnit[]): string {
  if (units.length === 0) return "";
  const more = units.length - MOST_UNITS;
  const rest = more > 0 ? `<p class="muted">… and ${more.toLocaleString("en")} more: <code>cpplsp status</code> lists them.</p>` : "";
  return `<h3>${title} <span class="count">${units.length.toLocaleString("en")}</span></h3>
<table><tbody>${units.slice(0, MOST_UNITS).map(unitHtml).join("")}</tbody></table>${rest}`;
}

function unitHtml(unit: TroubledUnit): string {
  const state = unit.state === "errors" ? countText(unit.errors, "error") : (STATES[unit.state] ?? unit.state);
  const { location } = unit;
  const error =
    location === null
      ? escapeHtml(unit.error)
      : link(location.uri, location.range.start.line, location.range.start.character, unit.error);
  return `<tr><td>${link(unit.uri, 0, 0, unit.path)}</td><td class="state">${escapeHtml(state)}</td><td>${error}</td></tr>`;
}

function link(uri: string, line: number, character: number, text: string): string {
  const place = `data-open="${escapeHtml(uri)}" data-line="${line}" data-character="${character}"`;
  return `<a href="#" ${place}>${escapeHtml(text)}</a>`;
}

/** Text that may stand anywhere in the page: names and messages come from the project. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A button: its command, its text and its style. */
type Action = [command: string, text: string, style: "" | "secondary"];

/** What can be done while the server runs. To retry is offered where something failed. */
function folderActions(folders: readonly FolderStatus[]): Action[] {
  const hasFailed = folders.some(({ index }) => index !== null && index.failed.length > 0);
  const isPaused = folders.some(({ state }) => state.phase === "paused");
  return [
    ...(hasFailed ? [["retryFailed", "Retry failed units", ""] satisfies Action] : []),
    isPaused ? ["resumeIndexing", "Resume", "secondary"] : ["pauseIndexing", "Pause", "secondary"],
    ["reindex", "Re-index…", "secondary"],
    ["showMemoryUsage", "Memory", "secondary"],
    ["openLog", "Log", "secondary"],
  ];
}

/** What can be done while it does not. */
function serverActions(condition: Condition): Action[] {
  return [
    condition.name === "missing" ? ["install", "Install the server", ""] : ["restart", "Restart server", ""],
    ["openLog", "Log", "secondary"],
  ];
}

function actionsHtml(actions: readonly Action[]): string {
  const drawn = actions.map(([name, text, style]) => {
    return `<button data-command="cpplsp.${name}" class="${style}">${text}</button>`;
  });
  return `<nav>${drawn.join("")}</nav>`;
}

const SCRIPT = `
const host = acquireVsCodeApi();
document.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-command], [data-open]");
  if (asked === null) return;
  event.preventDefault();
  const { command, open, line, character } = asked.dataset;
  host.postMessage(open === undefined ? { command } : { open, line: Number(line), character: Number(character) });
});`;

const STYLE = `
body { max-width: 70rem; padding: 0 1.5rem 2rem; line-height: 1.45; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; }
h1 { font-weight: 500; font-size: 1.5rem; margin: 1rem 0; }
h2 { font-weight: 500; font-size: 1.2rem; margin: 1rem 0 0.5rem; }
h3 { font-weight: 600; font-size: 1rem; margin: 1.5rem 0 0.5rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button { border: 1px solid var(--vscode-button-border, transparent); border-radius: 3px; padding: 0.3rem 0.8rem;
  font: inherit; cursor: pointer; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button:hover { background: var(--vscode-button-hoverBackground); }
button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
button.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); }
.path, .muted, .state, .count, dt { color: var(--vscode-descriptionForeground); }
.path { font-size: 0.85rem; font-weight: 400; margin-left: 0.4rem; }
.count { font-weight: 400; }
.error { color: var(--vscode-errorForeground); }
.muted { overflow-wrap: anywhere; }
code { font-family: var(--vscode-editor-font-family); }
progress { width: 100%; height: 0.4rem; accent-color: var(--vscode-progressBar-background); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 0.8rem 1.5rem; margin: 1rem 0; }
dl div { border-left: 2px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); padding-left: 0.8rem; }
dd { margin: 0; font-size: 1.15rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; }
td { padding: 0.35rem 1rem 0.35rem 0; vertical-align: top; overflow-wrap: anywhere;
  border-top: 1px solid var(--vscode-panel-border, var(--vscode-contrastBorder)); }
td:first-child { width: 28%; }
.state { white-space: nowrap; }
a { text-decoration: none; }
a:hover { text-decoration: underline; }`;
