/**
 * @file Comparisons of segments of one step whose return is linear in 12 features: who answers, and which pairs are asked,
 * without an environment.
 */

import { rewardModel } from "../../algorithms/index.js";
import { choosePairs, drawPairs } from "../../algorithms/preferences/preference-learning/queries.js";
import { mean, train } from "../../index.js";
import { type Comparison, preferencesOf } from "../../src/datasets/preferences.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";

const WIDTH = 12;
const SEGMENTS = 300;
const header = { env: "lines", observationSpace: box([WIDTH], -9, 9), actionSpace: discrete(1) };

/** Segments with their returns, and the accuracy of a reward on fresh pairs of them. */
function world(rng: Rng) {
  const truth = Array.from({ length: WIDTH }, () => rng.normal());
  const rows = Array.from({ length: SEGMENTS }, () => truth.map(() => rng.normal()));
  const inner = (row: readonly number[], weights: ArrayLike<number>) =>
    row.reduce((sum, x, i) => sum + x * weights[i], 0);
  const returns = rows.map((row) => inner(row, truth));
  const segments = rows.map((row) => ({
    ...{ observations: Float32Array.from([...row, ...row]), actions: new Int32Array(1), terminated: false },
  }));
  const returnsBy = (weights: ArrayLike<number>) => rows.map((row) => inner(row, weights));
  const fresh = drawPairs(SEGMENTS, 2000, rng.stream("fresh"));
  const accuracy = (weights: ArrayLike<number>) => {
    const own = returnsBy(weights);
    return mean(fresh.map(([a, b]) => Number(own[a] > own[b] === returns[a] > returns[b])));
  };
  return { segments, returns, returnsBy, accuracy };
}

type World = ReturnType<typeof world>;

async function fitted({ segments }: World, comparisons: Comparison[], options: object = {}) {
  const algorithm = rewardModel({ heldOut: 0, l2: 1e-2, iterations: 40, ...options });
  const data = preferencesOf(segments, comparisons, header);
  return (await train.run(algorithm, { data, seed: 0 })).artefact.parameters;
}

export interface TrustRun {
  part: "trust";
  seed: number;
  /** Accuracy of the reward from the able annotators alone, from all alike, and from all by their agreement. */
  clean: number;
  equal: number;
  agreement: number;
}

/** The probability of a right answer of each annotator. */
const ABILITIES = [0.95, 0.95, 0.95, 0.5, 0.5];
/** Questions for everybody, and for each annotator alone. */
const [SHARED, OWN] = [20, 12];

export async function trustRun(seed: number): Promise<TrustRun> {
  const rng = createRng(`trust/${seed}`);
  const lines = world(rng);
  const everybody = ABILITIES.map((_, who) => who);
  const pairs = drawPairs(SEGMENTS, SHARED + OWN * everybody.length, rng.stream("pairs"));
  const comparisons = pairs.flatMap(([left, right], i) =>
    (i < SHARED ? everybody : [i % everybody.length]).map((who): Comparison => {
      const isRight = rng.uniform() < ABILITIES[who];
      const choice = lines.returns[left] > lines.returns[right] === isRight ? "left" : "right";
      return { id: i + 1, left, right, choice, annotator: `person ${who}` };
    }),
  );
  const able = comparisons.filter(({ annotator }) => ABILITIES[Number(annotator!.at(-1))] > 0.5);
  return {
    ...{ part: "trust", seed },
    clean: lines.accuracy(await fitted(lines, able)),
    equal: lines.accuracy(await fitted(lines, comparisons)),
    agreement: lines.accuracy(await fitted(lines, comparisons, { annotatorWeights: "agreement" })),
  };
}

export interface QueryRun {
  part: "queries";
  query: "disagreement" | "random";
  seed: number;
  /** Comparisons, and the accuracy of the reward that was learnt from them. */
  comparisons: number[];
  accuracy: number[];
}

/** Members whose disagreement chooses, candidates of a round, and questions of a round. */
const [MEMBERS, CANDIDATES, QUESTIONS] = [4, 80, 8];

export async function queryRun(query: QueryRun["query"], seed: number, rounds: number): Promise<QueryRun> {
  const rng = createRng(`queries/${seed}`);
  const lines = world(rng);
  const comparisons: Comparison[] = [];
  const run: QueryRun = { part: "queries", query, seed, comparisons: [], accuracy: [] };
  for (let round = 0; round < rounds; round++) {
    const members = await Promise.all(
      Array.from({ length: MEMBERS }, (_, m) => {
        const drawn = rng.stream(`member ${m}`, round);
        const weighed = comparisons.map((one) => ({ ...one, weight: 0.01 - Math.log(1 - drawn.uniform()) }));
        return weighed.length > 0
          ? fitted(lines, weighed)
          : Float64Array.from({ length: WIDTH }, () => drawn.normal());
      }),
    );
    const candidates = drawPairs(SEGMENTS, CANDIDATES, rng.stream("candidates", round));
    // Members that have learnt nothing cannot choose.
    const by = round === 0 ? "random" : query;
    for (const [left, right] of choosePairs(by, candidates, QUESTIONS, members.map(lines.returnsBy), [])) {
      const choice = lines.returns[left] > lines.returns[right] ? "left" : "right";
      comparisons.push({ id: comparisons.length + 1, left, right, choice });
    }
    run.comparisons.push(comparisons.length);
    run.accuracy.push(lines.accuracy(await fitted(lines, comparisons)));
  }
  return run;
}
