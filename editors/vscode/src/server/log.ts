/** The server's log, line by line: what it writes to its standard error. */

export type Level = "error" | "warn" | "info";

export interface LogLine {
  level: Level;
  text: string;
}

const LINE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/s;
const LEVELS: Record<string, Level> = { WARNING: "warn", ERROR: "error", CRITICAL: "error" };
const LAST = 20;

/** Reads the log as it comes, in pieces, and remembers its last lines for a message. */
export class ServerLog {
  readonly #write: (line: LogLine) => void;
  #begun = "";
  #level: Level = "info";
  #last: LogLine[] = [];

  constructor(write: (line: LogLine) => void) {
    this.#write = write;
  }

  /** A piece of the log came. */
  take(piece: string): void {
    const lines = (this.#begun + piece).split(/\r?\n/);
    this.#begun = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  /** The server is gone: what it had begun to write is a line, too. */
  end(): void {
    if (this.#begun !== "") this.#line(this.#begun);
    this.#begun = "";
  }

  /** The last line that tells of an error, or the very last one. */
  get reason(): string {
    const errors = this.#last.filter((one) => one.level === "error");
    return (errors.at(-1) ?? this.#last.at(-1))?.text.trim() ?? "";
  }

  #line(line: string): void {
    const [, name, text] = LINE.exec(line) ?? [];
    if (name !== undefined) this.#level = LEVELS[name] ?? "info";
    // Output channels hide what is below their own level: what was asked for by the setting is shown.
    const shown = name === "DEBUG" ? `debug: ${text ?? ""}` : (text ?? line);
    const one = { level: this.#level, text: shown };
    if (shown.trim() !== "") this.#last = [...this.#last, one].slice(-LAST);
    this.#write(one);
  }
}

/** Why a server ended: what it said last. Where it logs to a file, its reason is more likely there. */
export function endReason(said: string, file: string | undefined): string {
  return [said, ...(file === undefined ? [] : [`its log is in ${file}`])].filter((one) => one !== "").join("; ");
}
