/** @file A claim about trust: weights by agreement recover what annotators who answer at random cost. */

import { expect, it } from "vitest";
import { rewardModel } from "../../../../algorithms/index.js";
import { choosePairs, drawPairs } from "../../../../algorithms/preferences/preference-learning/queries.js";
import { train } from "../../../../index.js";
import { type Comparison, preferencesOf } from "../../../../src/datasets/preferences.js";
import { mean } from "../../../../src/diagnostics/statistics.js";
import { createRng, type Rng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";

const WIDTH = 12;
const header = { env: "lines", observationSpace: box([WIDTH], -9, 9), actionSpace: discrete(1) };

/** Segments of one step with a linear return, and the accuracy of a reward on fresh pairs of them. */
function world(rng: Rng) {
  const truth = Array.from({ length: WIDTH }, () => rng.normal());
  const rows = Array.from({ length: 300 }, () => truth.map(() => rng.normal()));
  const returns = rows.map((row) => row.reduce((sum, x, i) => sum + x * truth[i], 0));
  const segments = rows.map((row) => ({
    ...{ observations: Float32Array.from([...row, ...row]), actions: new Int32Array(1), terminated: false },
  }));
  const accuracy = (weights: ArrayLike<number>) => {
    const own = rows.map((row) => row.reduce((sum, x, i) => sum + x * weights[i], 0));
    const fresh = drawPairs(300, 2000, rng.stream("fresh"));
    return mean(fresh.map(([a, b]) => Number(own[a] > own[b] === returns[a] > returns[b])));
  };
  return { segments, returns, accuracy };
}

const fitted = async (
  segments: ReturnType<typeof world>["segments"],
  comparisons: Comparison[],
  options: object,
) => {
  const preferences = preferencesOf(segments, comparisons, header);
  const algorithm = rewardModel({ heldOut: 0, l2: 1e-2, iterations: 40, ...options });
  return (await train.run(algorithm, { data: preferences, seed: 0 })).artefact.parameters;
};

it("weights recover nine tenths of what two random annotators of five cost, over 10 seeds", async () => {
  const abilities = [0.95, 0.95, 0.95, 0.5, 0.5];
  const found = { clean: [] as number[], equal: [] as number[], trusted: [] as number[] };
  for (let seed = 0; seed < 10; seed++) {
    const rng = createRng(`trust/${seed}`);
    const { segments, returns, accuracy } = world(rng);
    // Twenty questions go to everybody, and twelve to each annotator alone.
    const pairs = drawPairs(300, 20 + 5 * 12, rng.stream("pairs"));
    const comparisons = pairs.flatMap(([left, right], i) => {
      const asked = i < 20 ? [0, 1, 2, 3, 4] : [i % 5];
      return asked.map((who): Comparison => {
        const isRight = rng.uniform() < abilities[who];
        const choice = returns[left] > returns[right] === isRight ? "left" : "right";
        return { id: i + 1, left, right, choice, annotator: `person ${who}` };
      });
    });
    const clean = comparisons.filter(({ annotator }) => Number(annotator!.at(-1)) < 3);
    found.clean.push(accuracy(await fitted(segments, clean, {})));
    found.equal.push(accuracy(await fitted(segments, comparisons, {})));
    found.trusted.push(accuracy(await fitted(segments, comparisons, { annotatorWeights: "agreement" })));
  }
  const above = (scores: number[]) => mean(scores) - 0.5;
  expect(above(found.trusted)).toBeGreaterThan(0.9 * above(found.clean));
  expect(mean(found.equal)).toBeLessThan(mean(found.clean) - 0.05);
});

it("pairs on which rewards disagree teach more than random ones, at as many comparisons, over 20 seeds", async () => {
  const differences: number[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const scores = { disagreement: 0, random: 0 };
    for (const query of ["disagreement", "random"] as const) {
      const rng = createRng(`queries/${seed}`);
      const { segments, returns, accuracy } = world(rng);
      const comparisons: Comparison[] = [];
      for (let round = 0; round < 5; round++) {
        const members = await Promise.all(
          [0, 1, 2, 3].map((m) => {
            const drawn = rng.stream(`member ${m}`, round);
            const weighed = comparisons.map((one) => ({
              ...one,
              weight: 0.01 - Math.log(1 - drawn.uniform()),
            }));
            return weighed.length > 0
              ? fitted(segments, weighed, {})
              : Float64Array.from({ length: WIDTH }, () => drawn.normal());
          }),
        );
        const ofMembers = members.map((weights) =>
          segments.map(({ observations }) =>
            Array.from(weights).reduce((sum, w, i) => sum + w * observations[i], 0),
          ),
        );
        const candidates = drawPairs(300, 80, rng.stream("candidates", round));
        const chosen = choosePairs(round === 0 ? "random" : query, candidates, 8, ofMembers, []);
        for (const [left, right] of chosen) {
          const choice = returns[left] > returns[right] ? ("left" as const) : ("right" as const);
          comparisons.push({ id: comparisons.length + 1, left, right, choice });
        }
      }
      scores[query] = accuracy(await fitted(segments, comparisons, {}));
    }
    differences.push(scores.disagreement - scores.random);
  }
  const error = Math.sqrt(mean(differences.map((x) => (x - mean(differences)) ** 2)) / differences.length);
  expect(mean(differences)).toBeGreaterThan(2 * error);
}, 120_000);
