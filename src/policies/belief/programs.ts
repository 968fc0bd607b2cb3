/**
 * @file The programs of belief policies. The step of rows, which environments wait for, has what chooses actions and nothing
 * else: the encoder's weights are joined once for all steps, and values are computed for all steps together.
 */

import { feedbackLayout } from "../../env/wrappers/feedback-view.js";
import { sampleWithLogProb } from "../../nn/distributions/distribution.js";
import type { Categorical, Distribution, Layout, ParameterTree, TensorTree } from "../../nn/index.js";
import * as nn from "../../nn/index.js";
import { type Box, box } from "../../spaces/index.js";
import * as t from "../../tensor/index.js";
import { type ActorCritic, type ActorCriticSettings, actorCritic } from "../actor-critic.js";
import { actionInput } from "../network.js";
import { type BeliefEncoder, beliefEncoder, type EncoderSettings } from "./encoder.js";

/** The networks: plain data, saved with the weights. */
export interface BeliefSettings {
  encoder: EncoderSettings;
  /** The actor–critics. Their observations are rows [o, d₋₁, belief], see {@link beliefRowSpace}. */
  actor: ActorCriticSettings;
  /** 1, or 2: the first actor–critic acts in the first episode of a trial, the second in all others. */
  actors: 1 | 2;
}

/** The space of rows [o, d₋₁, μ, σ²]: encoded observation, whether an episode has just ended, and belief. */
export function beliefRowSpace({ observationSpace, actionSpace, latent }: EncoderSettings): Box {
  const { observation } = feedbackLayout(observationSpace, actionSpace);
  return box([observation + 1 + 2 * latent], -Infinity, Infinity);
}

export interface BeliefPrograms {
  encoder: BeliefEncoder;
  actor: ActorCritic;
  /** The number of the actor–critic's first parameters that choose actions. */
  acting: number;
  /** The encoder's weights of steps, from its parameters. */
  join: t.Program;
  /** Actions of the mode (and log-probabilities of all actions, for discrete ones), memory and belief. */
  mode: t.Program;
  /** The same with sampled actions, for spaces other than discrete. */
  sample?: t.Program;
  logProb: t.Program;
  /** V of rows as the actor–critic received them. */
  value: t.Program;
}

const compiled = new Map<string, BeliefPrograms>();

/** The programs of policies with such networks, whose standardised rows are clipped to ±`clip`. */
export function beliefPrograms(settings: BeliefSettings, clip: number): BeliefPrograms {
  const key = JSON.stringify([settings, clip]);
  const known = compiled.get(key) ?? trace(settings, clip);
  compiled.set(key, known);
  return known;
}

function trace(settings: BeliefSettings, clip: number): BeliefPrograms {
  const encoder = beliefEncoder(settings.encoder);
  const actor = actorCritic(settings.actor);
  const chooser = choosing(settings.actor);
  const { observationSpace, actionSpace } = settings.encoder;
  const rowWidth = beliefRowSpace(settings.encoder).low.length;
  const { join, layout } = joining(encoder);
  const always = {
    weights: t.float32([layout.size]),
    actor: t.float32([chooser.layout.size]),
    rows: t.float32(["batch", feedbackLayout(observationSpace, actionSpace).width]),
    memory: t.float32(["batch", encoder.memoryWidth]),
    mean: t.float32([rowWidth]),
    scale: t.float32([rowWidth]),
  };
  const through = (fed: Record<keyof typeof always, t.Tensor>) => {
    const step = beliefStep(encoder, layout.unflatten(fed.weights), { ...fed, clip });
    return { pi: chooser.distribution(chooser.layout.unflatten(fed.actor), step.seen), step };
  };
  const discrete = actionSpace.kind === "discrete";
  return {
    encoder,
    actor,
    acting: chooser.layout.size,
    join,
    mode: t.program(always, (fed) => {
      const { pi, step } = through(fed);
      if (discrete) return { table: (pi as Categorical).logProbs, ...step };
      const actions = pi.mode();
      return { actions, logProbs: pi.logProb(actions), ...step };
    }),
    ...(!discrete && {
      sample: t.program({ ...always, noise: t.float32(["batch", ...actor.noise.shape]) }, (fed) => {
        const { pi, step } = through(fed);
        const { action, logProb } = sampleWithLogProb(pi, fed.noise);
        return { actions: action, logProbs: logProb, ...step };
      }),
    }),
    logProb: t.program({ ...always, actions: actionInput(actionSpace, "batch") }, (fed) => ({
      logProbs: through(fed).pi.logProb(fed.actions),
    })),
    value: t.program(
      { actor: t.float32([actor.layout.size]), seen: t.float32(["batch", rowWidth]) },
      (fed) => ({ values: actor.value(actor.layout.unflatten(fed.actor), fed.seen) }),
    ),
  };
}

/** The actor–critic without its critic, whose parameters are the last. */
const choosing = (settings: ActorCriticSettings): ActorCritic => actorCritic({ ...settings, critic: false });

/** The program that joins the encoder's weights, and the layout of the result. */
function joining(encoder: BeliefEncoder): { join: t.Program; layout: Layout } {
  let layout!: Layout;
  const join = t.program({ encoder: t.float32([encoder.layout.size]) }, (fed) => {
    const tree = encoder.stepWeights(encoder.layout.unflatten(fed.encoder));
    layout = nn.layoutOf(shapesOf(tree));
    return { weights: layout.flatten(tree) };
  });
  return { join, layout };
}

/** The shapes of a tree of tensors, as parameters. */
const shapesOf = (tree: TensorTree): ParameterTree =>
  Object.fromEntries(
    Object.entries(tree).map(([name, part]) => [
      name,
      part instanceof t.Tensor
        ? { shape: part.shape as number[], initialise: nn.initialisers.zeros }
        : shapesOf(part as TensorTree),
    ]),
  );

/** What a step needs besides weights: feedback rows, memory, and the standardisation of rows [o, d₋₁, belief]. */
type StepInputs = Record<"rows" | "memory" | "mean" | "scale", t.Tensor> & { clip: number };

/** One step of rows, with the encoder's weights of steps: memory, belief, and rows [o, d₋₁, belief] raw and as seen. */
function beliefStep(
  encoder: BeliefEncoder,
  weights: TensorTree,
  { rows, memory: before, mean, scale, clip }: StepInputs,
) {
  const { observationSpace, actionSpace } = encoder.settings;
  const { observation: size, action, width } = feedbackLayout(observationSpace, actionSpace);
  const [observation, after] = t.split(rows, [size, width - size], 1);
  const [, ended, , first] = t.split(after, [action + 1, 1, size, 1], 1);
  // At the first row of a trial nothing has happened yet: the memory stays zero.
  const stepped = encoder.step(weights, after, before);
  const memory = t.sub(stepped, t.mul(first, stepped));
  const { belief, clusters } = encoder.belief(weights, memory);
  const raw = t.concat([observation, ended, belief], 1);
  const seen = t.clip(t.mul(t.sub(raw, mean), scale), -clip, clip);
  return { memory, raw, seen, ...(clusters && { clusters }) };
}

/** The mode of a step as an expression of rows and memory, with parameters and statistics as constants. */
export function modeExpression(
  { encoder, actor }: Pick<BeliefPrograms, "encoder" | "actor">,
  parameters: Record<"encoder" | "actor", Float32Array>,
  inputs: StepInputs,
): { distribution: Distribution; values: t.Tensor; memory: t.Tensor } {
  const weights = encoder.stepWeights(encoder.layout.constants(parameters.encoder, "encoder."));
  const { memory, seen } = beliefStep(encoder, weights, inputs);
  const { distribution, value } = actor.evaluate(actor.layout.constants(parameters.actor, "actor."), seen);
  return { distribution, values: value(), memory };
}
