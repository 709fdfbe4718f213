/** When a server that ended by itself is started again: a pure function of when it did so before. */

const MOST = 5;
const WITHIN_MS = 180_000;
const FIRST_DELAY_MS = 1000;

/** What to do now: start again after a pause, or leave it, after so many ends within three minutes. */
export type Verdict = { delayMs: number } | { ends: number };

/** Remembers the ends of one server. `clock`: milliseconds. */
export class Restarts {
  #ends: number[] = [];
  readonly #clock: () => number;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /** The server has ended: 1, 2, 4, 8 s until the next start; the fifth end within three minutes is the last. */
  ended(): Verdict {
    const now = this.#clock();
    this.#ends = [...this.#ends.filter((then) => now - then < WITHIN_MS), now];
    if (this.#ends.length >= MOST) return { ends: this.#ends.length };
    return { delayMs: FIRST_DELAY_MS * 2 ** (this.#ends.length - 1) };
  }

  /** A person has started it: what was before does not count. */
  forget(): void {
    this.#ends = [];
  }
}
