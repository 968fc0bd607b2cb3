/** @file DAgger on the corridor with imperfect labellers: random labels, or skipped queries. */

import {
  type Answer,
  algorithmFor,
  type Labeller,
  type Query,
  valueIteration,
} from "../../algorithms/index.js";
import { collect, compare, mean, train } from "../../index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";
import type { Rng } from "../../src/random/rng.js";
import { createRng } from "../../src/random/rng.js";
import { panels, rangeAt } from "../lib/panels.js";

const ENV = "Corridor-v0";
const ACTIONS = 4;
const SHARES = [0, 0.25, 0.5, 0.75, 0.9, 1];
/** Number of demonstrated episodes of the cloned policy, for comparison. */
const EPISODES = 20;

/** A labeller that answers with the action of the expert, except for queries that `otherwise` answers. */
function labeller(expert: Policy, otherwise: (query: Query) => Answer | undefined): Labeller {
  return {
    kind: "imperfect",
    async *label({ queries }) {
      const states = Float32Array.from(queries, ({ observation }) => observation[0]);
      const { actions } = await expert.act(states, { rng: createRng(0), deterministic: true });
      yield queries.map((query, i) => otherwise(query) ?? { id: query.id, action: actions[i] });
    },
  };
}

/** The answer instead of the expert's, if any; `known`: the states that the expert's demonstrations visit. */
const IMPERFECT: Record<string, (query: Query, known: Set<number>, rng: Rng) => Answer | undefined> = {
  "at random": ({ id }, _, rng) => ({ id, action: rng.integer(ACTIONS) }),
  "skipped off the expert's ways": ({ id, observation }, known) =>
    known.has(observation[0]) ? undefined : { id, skipped: true },
};

/**
 * Exact gaps of stochastic policies (not of their modes) if a fraction of the labels is random, and if that fraction of
 * the queries in states that the expert does not visit is skipped.
 */
export async function imperfectLabels(seeds: number) {
  const expert = await train(valueIteration(), { env: ENV });
  const gapOf = async (algorithm: Algorithm, seed: number) => {
    const learner = await train(algorithm, { env: ENV, seed });
    const { exact } = await compare(expert, learner, {
      env: ENV,
      seed,
      sampled: false,
      deterministic: false,
    });
    return exact!.gap;
  };
  const clones: number[] = [];
  /** States that the expert's demonstrations visit, one set per seed. */
  const known: Set<number>[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const demonstrations = await collect(expert, { env: ENV, episodes: EPISODES, seed, deterministic: true });
    known.push(new Set(demonstrations.trajectories.flatMap(({ observations }) => [...observations])));
    clones.push(await gapOf(algorithmFor("bc", ENV, { demonstrations }), seed));
  }
  const rows: { labels: string; share: number; gaps: number[] }[] = [];
  for (const [labels, instead] of Object.entries(IMPERFECT)) {
    for (const share of SHARES) {
      const gaps = [];
      for (let seed = 0; seed < seeds; seed++) {
        const rng = createRng(seed).stream("labels");
        const otherwise = (query: Query) =>
          rng.uniform() < share ? instead(query, known[seed], rng) : undefined;
        const learner = algorithmFor("dagger", ENV, { labeller: labeller(expert, otherwise) });
        gaps.push(await gapOf(learner, seed));
      }
      rows.push({ labels, share, gaps });
    }
  }
  for (const { labels, share, gaps } of rows)
    console.log(`${labels}, ${share}: gap ${mean(gaps).toFixed(2)}`);
  console.log(`clone of ${EPISODES} episodes: ${mean(clones).toFixed(2)}`);
  const curve = (labels: string, name: string, colour: string) => ({
    name,
    colour,
    points: rows.filter((row) => row.labels === labels).map(({ share, gaps }) => rangeAt(share, gaps)),
  });
  const picture = await panels(
    [
      {
        title: "Corridor-v0: gap of DAgger",
        x: "share of imperfect labels (dashed: cloning)",
        y: "J(expert) − J(learner)",
        xScale: "linear",
        yScale: { type: "linear" },
        from: 0,
        reference: mean(clones),
        curves: [
          curve("at random", "random labels", "#cf222e"),
          curve("skipped off the expert's ways", "skipped queries", "#0969da"),
        ],
      },
    ],
    1,
  );
  return { clones, rows, picture };
}
