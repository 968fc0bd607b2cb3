/** @file Random streams, derived by name from one root seed, with a state that can be saved. */

import alea from "seedrandom/lib/alea.js";

/** Everything needed to continue a stream exactly: its name and the generator's registers. */
export interface RngState {
  path: string;
  c: number;
  s0: number;
  s1: number;
  s2: number;
}

/** 2⁻³². */
const SCALE = 2 ** -32;

/**
 * A random stream: the generator Alea [Baagøe 2010], from `seedrandom`, seeded with the path of the stream.
 *
 * `stream(name)` derives another stream from the path alone. Its values therefore depend neither on the number of
 * streams derived before, nor on the numbers drawn from its parent.
 */
export class Rng {
  private path = "";

  /**
   * @param registers where the four registers are, from `at`: a generator of `seedrandom` has its registers behind
   *   several closures, and an array for each stream is slow to reach too where thousands of environments have one
   */
  constructor(
    seed: number | string,
    private readonly registers = new Float64Array(4),
    private readonly at = 0,
  ) {
    this.reseed(seed);
  }

  /** Makes this stream the one of a seed, from its start. */
  reseed(seed: number | string): void {
    const path = String(seed);
    this.setState({ path, ...alea(path, { state: true }).state() });
  }

  /** The stream of the consumer `name`, with `index` when there are several of that name. */
  stream(name: string, index?: number): Rng {
    return new Rng(`${this.path}/${name}${index === undefined ? "" : `/${index}`}`);
  }

  /** Uniform on [0, 1), with 32 random bits. */
  uniform(): number {
    const { registers, at } = this;
    const t = 2091639 * registers[at + 1] + registers[at] * SCALE;
    const c = t | 0;
    registers[at] = c;
    registers[at + 1] = registers[at + 2];
    registers[at + 2] = registers[at + 3];
    registers[at + 3] = t - c;
    return t - c;
  }

  /** Uniform on [0, 1), with 53 random bits. */
  private fine(): number {
    return this.uniform() + ((this.uniform() * 0x200000) | 0) * 2 ** -53;
  }

  /** Uniform on {0, …, n − 1}. */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /**
   * Standard normal [Box & Muller 1958]. The second value of each pair is discarded, so that no extra state is kept.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fine()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** An index drawn with the given probabilities, which sum to 1. */
  categorical(probabilities: ArrayLike<number>): number {
    let u = this.uniform();
    for (let i = 0; i < probabilities.length; i++) {
      u -= probabilities[i];
      if (u < 0) return i;
    }
    // By rounding, the sum can be slightly below the uniform number: return the last index of positive probability.
    let last = probabilities.length - 1;
    while (last > 0 && probabilities[last] === 0) last--;
    return last;
  }

  /** Fills `out` with uniforms on [0, 1) and returns it. Float32 rounding never yields 1. */
  fillUniform<T extends Float32Array | Float64Array>(out: T): T {
    for (let i = 0; i < out.length; i++) out[i] = Math.min(this.uniform(), 1 - 2 ** -24);
    return out;
  }

  /** Fills `out` with standard normals and returns it. */
  fillNormal<T extends Float32Array | Float64Array>(out: T): T {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
    return out;
  }

  /** Shuffles `values` in place (Fisher & Yates) and returns them. */
  shuffle<T extends Int32Array | number[]>(values: T): T {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
    return values;
  }

  getState(): RngState {
    const [c, s0, s1, s2] = this.registers.subarray(this.at);
    return { path: this.path, c, s0, s1, s2 };
  }

  setState({ path, c, s0, s1, s2 }: RngState): void {
    this.path = path;
    this.registers.set([c, s0, s1, s2], this.at);
  }
}

/** The root stream of a run. */
export function createRng(seed: number | string): Rng {
  return new Rng(seed);
}

/** The streams of some seeds, with their registers in one array. */
export function createRngs(seeds: readonly (number | string)[]): Rng[] {
  const registers = new Float64Array(4 * seeds.length);
  return seeds.map((seed, i) => new Rng(seed, registers, 4 * i));
}
