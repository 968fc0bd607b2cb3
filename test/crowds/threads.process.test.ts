/** @file Dawid and Skene's model in worker threads: the same result whatever their number, and the threads end. */

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, built } from "../support/built.js";

let sources: Built;
beforeAll(async () => {
  sources = await built();
});
afterAll(() => sources.remove());

/** 25 000 labels, with weights, known truths and items without labels, which make three blocks. */
const SETUP = (url: (source: string) => string) => `
import { dawidSkene } from ${JSON.stringify(url("src/crowds/index.ts"))};
import { createRng } from ${JSON.stringify(url("src/random/rng.ts"))};
const [items, annotators, classes, each] = [6001, 40, 3, 5];
const rng = createRng(0);
const itemStart = Int32Array.from({ length: items + 1 }, (_, i) => each * (i - Math.floor(i / 6)));
const draw = (length, of) => Int32Array.from({ length }, () => rng.integer(of));
const length = itemStart[items];
const truth = draw(items, classes);
const label = draw(length, classes);
for (let i = 0; i < items; i++)
  for (let n = itemStart[i]; n < itemStart[i + 1]; n++) if (rng.uniform() < 0.5) label[n] = truth[i];
const annotations = {
  ...{ items, annotators, classes, itemStart, label },
  annotator: draw(length, annotators),
  weight: Float64Array.from({ length }, () => 0.5 + rng.uniform()),
  truth: truth.map((k, i) => (i % 50 === 0 ? k : -1)),
  names: { items: [], annotators: [], classes: [] },
};
const options = { iterations: 6, tolerance: 1e-300, starts: 2 };
`;

/** What a program prints as JSON. A thread that is left running would keep its process alive. */
const run = (body: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", SETUP(sources.url) + body], {
      encoding: "utf8",
      timeout: 30_000,
    }),
  );

describe("workers", () => {
  it("give the same fit bit for bit, whatever their number, in arrays of its own", () => {
    const found = run(`
      const all = [1, 2, 3, 64].map((workers) => dawidSkene(annotations, { ...options, workers }));
      const bits = ({ posterior, prior, confusion, labels, optima, logLikelihood }) =>
        [posterior, prior, confusion, labels, Float64Array.from([...optima, logLikelihood])]
          .map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString("base64")).join();
      const shared = all.some(({ posterior }) => posterior.buffer instanceof SharedArrayBuffer);
      console.log(JSON.stringify({ fits: new Set(all.map(bits)).size, iterations: all[2].iterations, shared }));
    `);
    expect(found).toEqual({ fits: 1, iterations: 6, shared: false });
  });

  it("end after an error", () => {
    const found = run(`
      annotations.weight[7] = Number.NaN;
      try {
        dawidSkene(annotations, { ...options, workers: 3 });
      } catch (error) {
        console.log(JSON.stringify(error.message));
      }
    `);
    expect(found).toMatch(/objective is not a number/);
  });

  it("are at work besides the main thread", () => {
    const found = run(`
      const { startThreads } = await import(${JSON.stringify(sources.url("src/crowds/threads.ts"))});
      // Logarithms count the work; those of workers are not counted here.
      let own = 0;
      const { log } = Math;
      Math.log = (x) => {
        own++;
        return log(x);
      };
      startThreads(annotations, 1).expectAll();
      const all = own;
      const threads = startThreads(annotations, 3);
      const began = Date.now();
      do {
        await new Promise((resolve) => setTimeout(resolve, 5));
        own = 0;
        threads.expectAll();
      } while (own === all && Date.now() - began < 20_000);
      threads.end();
      console.log(JSON.stringify(own < all));
    `);
    expect(found).toBe(true);
  });
});
