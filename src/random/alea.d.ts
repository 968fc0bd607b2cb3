/** @file The types of the one generator of `seedrandom` that is used; those of the package omit its files. */

declare module "seedrandom/lib/alea.js" {
  /** The registers of a generator. */
  interface Registers {
    c: number;
    s0: number;
    s1: number;
    s2: number;
  }
  interface Generator {
    (): number;
    double(): number;
    state(): Registers;
  }
  /** A generator with these registers; with `true`, those of the seed. */
  export default function alea(seed: string, options: { state: true | Registers }): Generator;
}
