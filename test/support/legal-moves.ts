/** @file A game whose legal moves change at every step, told by `info.actionMask`; an illegal move is an error. */

import { createRng } from "../../src/random/rng.js";
import { discrete } from "../../src/spaces/index.js";

const MOVES = 5;
const STEPS = 6;

/**
 * Observations `[1]` are the fraction of the episode that has passed. Of five moves some are legal; the reward of a move
 * is its number. At the end no move is legal.
 *
 * @param name of the mask in `info`
 */
export class LegalMoves {
  readonly id = "LegalMoves";
  readonly observationSpace = { kind: "box" as const, shape: [1], low: [0], high: [1] };
  readonly actionSpace = discrete(MOVES);
  private rng = createRng(0);
  private at = 0;
  private mask: number[] = [];

  constructor(private readonly name: string = "actionMask") {}

  reset({ seed }: { seed?: number } = {}) {
    if (seed !== undefined) this.rng = createRng(seed);
    this.at = 0;
    return { observation: [0], info: this.next() };
  }

  step(action: number) {
    if (!this.mask[action]) throw new Error(`move ${action} is illegal`);
    this.at++;
    const terminated = this.at === STEPS;
    const info = this.next();
    if (terminated) info[this.name] = new Array<number>(MOVES).fill(0);
    return { observation: [this.at / STEPS], reward: action, terminated, truncated: false, info };
  }

  getState = () => ({ at: this.at, mask: this.mask, rng: this.rng.getState() });

  setState = (state: {
    at: number;
    mask: number[];
    rng: ReturnType<ReturnType<typeof createRng>["getState"]>;
  }) => {
    this.at = state.at;
    this.mask = state.mask;
    this.rng.setState(state.rng);
  };

  private next(): Record<string, number[]> {
    this.mask = Array.from({ length: MOVES }, () => this.rng.integer(2));
    this.mask[this.rng.integer(MOVES)] = 1;
    return { [this.name]: this.mask };
  }
}
