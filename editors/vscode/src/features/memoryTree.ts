/** clangd's memory tree as rows of a tree view: pure. */

import { bytesText } from "../amounts.ts";
import type { MemoryTree } from "../protocol.ts";

/** A row: a process, or several together. */
export interface MemoryRow {
  label: string;
  description: string;
  parts: MemoryRow[];
}

/** The parts of a tree, the biggest first; parts that take nothing are left out. */
export function memoryRows(tree: MemoryTree): MemoryRow[] {
  return Object.entries(tree)
    .filter((part): part is [string, MemoryTree] => typeof part[1] !== "number")
    .filter(([, part]) => part._total > 0)
    .sort(([, one], [, other]) => other._total - one._total)
    .map(([label, part]) => ({ label, description: bytesText(part._total), parts: memoryRows(part) }));
}
