/** Other extensions that answer the same questions: found by their ids and settings, purely. */

/** One of them. `setting`, `off`: what turns its navigation off, and all else of it stays. */
export interface Other {
  id: string;
  name: string;
  setting: string;
  off: unknown;
  /** What is lost by that. */
  loses: string;
  /** It reads the setting when it begins only, and does not ask for a reload itself. */
  takesReload: boolean;
}

export const OTHERS: readonly Other[] = [
  {
    id: "ms-vscode.cpptools",
    name: "C/C++",
    setting: "C_Cpp.intelliSenseEngine",
    off: "disabled",
    loses: "its completion and squiggles go, too; debugging stays",
    takesReload: false,
  },
  {
    id: "llvm-vs-code-extensions.vscode-clangd",
    name: "clangd",
    setting: "clangd.enable",
    off: false,
    loses: "its completion and diagnostics go, too",
    takesReload: true,
  },
];

/** Those that are installed, and not turned off. */
export function rivals(isInstalled: (id: string) => boolean, get: (setting: string) => unknown): Other[] {
  return OTHERS.filter((one) => isInstalled(one.id) && get(one.setting) !== one.off);
}

/** The question to a person. */
export function question(found: readonly Other[]): string {
  const names = found.map((one) => one.name).join(" and ");
  const loses = found.map((one) => (found.length > 1 ? `${one.name}: ${one.loses}` : one.loses)).join(". ");
  const [answer, its] = found.length > 1 ? ["answer", "their"] : ["answers", "its"];
  return `${names} ${answer} the same questions as cpplsp: every definition and reference is listed twice. Turn ${its} navigation off? (${loses}.)`;
}
