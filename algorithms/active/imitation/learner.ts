/**
 * @file Learning an acquisition by DAgger [Löffler & Mutschler 2022, algorithm 1] [Ross, Gordon & Bagnell 2011]: courses
 * of active learning on data with labels, in each step of which an expert shows what to ask for. Expert or policy decide
 * what is labelled; what the expert showed is kept in both cases. After each course the policy is fitted to everything
 * that was shown, from fresh weights. Lines of the algorithm are numbered as in the paper.
 */

import {
  type Classifier,
  chances,
  type Examples,
  type Model,
  overlap,
  type PoolView,
  poolView,
  random,
  topB,
} from "../../../src/active/index.js";
import { type LabelledSet, splitLabelled, withClasses } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import type { Learner, Metrics } from "../../../src/learning/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { concatenated } from "../../../src/state/concatenated.js";
import { drawn, drawnBalanced } from "../active-learning/initial.js";
import { inputsOf, type Standard, standardFor } from "../active-learning/standard.js";
import { classifierOf, resolvedClassifier } from "../classifiers/option.js";
import { requireAbilities } from "../shared/acquisition-option.js";
import { measured } from "../shared/labelled-source.js";
import { type Output, type Pair, type PolicyForm, type PolicyNetwork, policyNetwork } from "./network.js";
import {
  betaOf,
  checkData,
  checkImitation,
  type ImitationOptions,
  namedClassifier,
  type StepSizes,
} from "./options.js";
import { type AcquisitionPolicy, acquisitionPolicy } from "./policy.js";
import { inputsFor, situationOf } from "./situation.js";

/** A step of a course, as an expert sees it. */
export interface Scene {
  /** The candidates, in the order of their numbers, seen by the model of the step. */
  readonly view: PoolView;
  readonly classifier: Classifier;
  /** What the model has learnt from. */
  readonly examples: Examples;
  /** Number of items to choose. */
  readonly size: number;
  /** The inputs of items as the classifier takes them, `[items, width]`. */
  inputs(items: Int32Array): Float32Array;
  /**
   * Accuracy and mean −log p on the judging items after a fit with the labels of these items too. All fits of a step
   * start from the same weights and see the same minibatches and dropout masks, so that only the items differ.
   */
  judged(items: Int32Array): Promise<{ accuracy: number; logLoss: number }>;
  rng: Rng;
}

/** What teaches a policy. */
export interface Teacher {
  readonly sizes: StepSizes;
  readonly output: Output;
  /** Whether the policy draws candidates anew for each item of a batch. */
  readonly drawsByItem: boolean;
  /** @throws UsageError for a classifier that lacks what it needs */
  check?(classifier: Classifier, classes: number): void;
  /** Names of what may be best in a step. */
  readonly rivals: readonly string[];
  /** The items to label, and which of the rivals is best. */
  show(scene: Scene): Promise<{ items: Int32Array; best?: number; metrics?: Metrics }>;
}

export interface ImitationState {
  /** The items of the courses, and those that judge. */
  pool: Int32Array;
  judge: Int32Array;
  /** Number of courses that are over, and of steps of all. */
  episode: number;
  steps: number;
  /** The labelled items of the present course; none before its first step. */
  labelled: Int32Array;
  pairs: Pair[];
  /** How often each rival was best. */
  wins: number[];
  parameters: Float32Array;
  rng: Rng;
  live: Live;
}

interface Live {
  derived: true;
  set: LabelledSet;
  classifier: Classifier;
  standard?: Standard;
  network: PolicyNetwork;
}

export type ImitationLearner = Learner<LabelledSet, AcquisitionPolicy, ImitationState>;

/** @throws UsageError for options that contradict each other, and in `init` for data that they do not fit */
export function imitationLearner(
  name: string,
  options: ImitationOptions,
  teacher: Teacher,
): ImitationLearner {
  const { sizes } = teacher;
  checkImitation(name, options, sizes);
  const classifierOption = namedClassifier(options.classifier);
  const classifierRecord = resolvedClassifier(name, classifierOption);
  const stepsOfCourse = Math.ceil((options.budget - options.initial) / sizes.batch);

  function policyIn({ live, parameters }: ImitationState): AcquisitionPolicy {
    const { features, hidden, classes, embeddingWidth } = live.network.form;
    return acquisitionPolicy(
      {
        ...{ learner: name, classes, embeddingWidth, features: [...features], hidden: [...hidden] },
        standardiseEmbeddings: options.standardiseEmbeddings,
        subPool: sizes.subPool,
        drawsByItem: teacher.drawsByItem,
        classifier: classifierRecord,
      },
      live.network,
      parameters,
    );
  }

  /** Line 3. */
  function firstItems({ live: { set }, pool, rng, episode }: ImitationState): Int32Array {
    const own = rng.stream("initial", episode);
    if (options.initialBalanced === false) return drawn(pool, options.initial, own);
    return drawnBalanced(
      pool,
      options.initial,
      { labels: set.labels!, classes: set.classes, what: name },
      own,
    );
  }

  function examplesOf(live: Live, items: Int32Array): Examples {
    const K = live.set.classes.length;
    const targets = new Float32Array(items.length * K);
    items.forEach((item, i) => {
      targets[i * K + live.set.labels![item]] = 1;
    });
    return { count: items.length, features: inputsOf(live, items), targets };
  }

  /** Lines 5 to 18: a step, which returns what was shown and how it went. */
  async function step(state: ImitationState): Promise<Metrics> {
    const { live, labelled, pool, judge, episode } = state;
    const { set, classifier } = live;
    const rng = state.rng.stream(`episode ${episode}`, labelled.length);
    const size = Math.min(sizes.batch, options.budget - labelled.length);
    const examples = examplesOf(live, labelled);
    const model = await classifier.fit(examples, rng.stream("fit"));
    const truth = judge.map((item) => set.labels![item]);
    const judgeInputs = inputsOf(live, judge);
    const measure = async (of: Model) => measured(await classifier.probabilities(of, judgeInputs), truth);
    const seen = {
      ...{ classifier, model, labelled, targets: examples.targets, classes: set.classes.length },
      features: (items: Int32Array) => inputsOf(live, items),
      rng: rng.stream("samples"),
    };
    const gone = new Set(labelled);
    const whole = poolView(
      seen,
      pool.filter((item) => !gone.has(item)),
    );
    const candidates = await random().select(whole, sizes.subPool, rng.stream("sub-pool"));
    const view = whole.restrictedTo(candidates.sort());
    const shown = await teacher.show({
      ...{ view, classifier, examples, size, rng: rng.stream("expert") },
      inputs: seen.features,
      judged: async (items) =>
        measure(
          await classifier.fit(
            examplesOf(live, concatenated(Int32Array, [labelled, items])),
            rng.stream("judged"),
          ),
        ),
    });
    const seesPool = options.features.includes("poolMean");
    const situation = await situationOf(view, {
      standardise: options.standardiseEmbeddings,
      ...(seesPool && { whole }),
    });
    const isShown = new Set(shown.items);
    state.pairs.push({
      ...situation,
      chosen: Float32Array.from(view.candidates, (item) => Number(isShown.has(item))),
    });
    if (shown.best !== undefined) state.wins[shown.best]++;
    const inputs = inputsFor(options.features, situation, live.network.form);
    const scores = await live.network.scores(state.parameters, inputs);
    const keys = chances(view.candidates, rng.stream("policy"));
    const own = topB(scores, size, keys).map((i) => view.candidates[i]);
    const coin = options.coin === "step" ? rng.stream("coin") : state.rng.stream("coin", episode);
    const isPolicys = coin.uniform() >= betaOf(options.beta, episode);
    state.labelled = concatenated(Int32Array, [labelled, isPolicys ? own : shown.items]);
    return {
      episode: episode + 1,
      labelled: labelled.length,
      accuracy: (await measure(model)).accuracy,
      ...shown.metrics,
      policyActs: Number(isPolicys),
      agreement: overlap(own, shown.items),
    };
  }

  return {
    name,
    options: { ...options, classifier: classifierRecord },
    unit: "rounds",
    defaultSteps: options.episodes * stepsOfCourse,

    async init(source, rng): Promise<ImitationState> {
      const set = withClasses(source, options.classes?.map(String));
      const isKnown = (item: number) => set.labels !== undefined && set.labels[item] >= 0;
      const apart = new Set(set.test);
      const items = (set.labels ?? new Int32Array(0)).filter((y, i) => y >= 0 && !apart.has(i)).length;
      const enough = Math.min(options.judge, Math.max(0, items - 1));
      const split = splitLabelled(set, { test: 0, validation: enough }, rng.stream("split"));
      const pool = split.pool.filter(isKnown);
      checkData(name, options, sizes, { set, items, pool: pool.length });
      const data = { shape: set.shape, classes: set.classes.length };
      const classifier = classifierOf(name, classifierOption, data, false);
      const { embeddingWidth } = classifier;
      requireAbilities(name, { name: "policy", needs: ["embeddings"] }, classifier, data.classes);
      if (embeddingWidth === undefined) {
        throw new UsageError(
          `${name}: the classifier ${classifier.name} does not say how wide its embeddings are: give it embeddingWidth`,
        );
      }
      teacher.check?.(classifier, data.classes);
      const standard = standardFor(set, pool, classifier, options.standardise);
      const { features, hidden } = options;
      const form: PolicyForm = { features, hidden, classes: data.classes, embeddingWidth };
      const network = policyNetwork(form, { output: teacher.output, ...options });
      const state: ImitationState = {
        ...{
          pool,
          judge: split.validation,
          episode: 0,
          steps: 0,
          labelled: new Int32Array(0),
          pairs: [],
          rng,
        },
        wins: teacher.rivals.map(() => 0),
        parameters: network.initialise(rng.stream("policy", 0)),
        live: { derived: true, set, classifier, network, ...(standard && { standard }) },
      };
      // A class that is too rare for a balanced start is found before anything is learnt.
      firstItems(state);
      return state;
    },

    /** One step of a course; the last one of a course also fits the policy, line 19. */
    async update(state): Promise<Metrics> {
      if (state.labelled.length === 0) state.labelled = firstItems(state);
      const metrics = await step(state);
      state.steps++;
      if (state.labelled.length < options.budget) return { steps: state.steps, ...metrics };
      state.episode++;
      state.labelled = new Int32Array(0);
      const { parameters, loss } = await state.live.network.fit(
        state.pairs,
        state.rng.stream("policy", state.episode),
      );
      state.parameters = parameters;
      return { steps: state.steps, ...metrics, loss };
    },

    done: ({ episode }) => episode >= options.episodes,

    artefact: policyIn,

    outcome({ episode, steps, wins }) {
      const of = teacher.rivals.map((rival, i) => `${rival} ${wins[i]}`).join(", ");
      const best = teacher.rivals.length > 1 ? `; best of the experts: ${of}` : "";
      return `the policy learnt from ${steps} steps of ${episode} of ${options.episodes} episodes${best}`;
    },
  };
}
