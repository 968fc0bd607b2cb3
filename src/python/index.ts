/**
 * @file The bridge to Python: runs environments of a local Gymnasium installation. Node.js only.
 */

import type { Environment, ResetOptions, VectorEnvironment } from "../env/contracts.js";
import { refuseBadActions, refuseBadBatch, vectorSeed } from "../env/dynamics.js";
import { register } from "../env/registry.js";
import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import { describeSpace, flattenInto, spaceWidth, unflatten, whyOutside } from "../spaces/index.js";
import type { Action, ActionBatch } from "../spaces/values.js";
import { Bridge, type GymnasiumOptions } from "./bridge.js";

export type { GymnasiumOptions };

/** The integer seed for Gymnasium. A string seed is replaced by the first number of the stream of that name. */
const integerSeed = (seed: number | string): number =>
  typeof seed === "number" && Number.isInteger(seed) && seed >= 0 ? seed : createRng(seed).integer(2 ** 31);

/**
 * One environment of the local Gymnasium installation, in its own Python process, which `close()` ends.
 *
 * Gymnasium environments have no snapshots, so runs with them cannot be resumed.
 *
 * @throws UsageError when Python, Gymnasium or the environment is not available; the message names it.
 */
export function gymnasiumEnvironment(id: string, options: GymnasiumOptions = {}): Environment {
  const bridge = new Bridge(id, 1, true, options);
  const { observationSpace, actionSpace, maxEpisodeSteps, renderMode } = bridge.hello;
  const actions = new Float64Array(spaceWidth(actionSpace));
  const observe = () => unflatten(observationSpace, bridge.observations);
  let ended = true;
  const renderers = {
    ansi: { render: () => new TextDecoder().decode(bridge.render()) },
    rgb_array: { renderSvg: () => pictureSvg(bridge.render()) },
  };
  return {
    trusted: true,
    id,
    observationSpace,
    actionSpace,
    maxEpisodeSteps: maxEpisodeSteps ?? undefined,
    reset({ seed, options }: ResetOptions = {}) {
      bridge.reset(seed === undefined ? undefined : [integerSeed(seed)], options);
      ended = false;
      return { observation: observe(), info: bridge.info };
    },
    step(action: Action) {
      if (ended) throw new UsageError(`${id}: call reset() before step()`);
      const reason = actionSpace.kind === "box" ? undefined : whyOutside(actionSpace, action);
      if (reason) throw new UsageError(`${id}: ${reason}, as action in ${describeSpace(actionSpace)}`);
      flattenInto(actionSpace, action, actions);
      if (actionSpace.kind === "box") refuseBadActions(id, actionSpace, actions);
      bridge.step(actions);
      const [terminated, truncated] = [bridge.terminated[0] === 1, bridge.truncated[0] === 1];
      ended = terminated || truncated;
      return { observation: observe(), reward: bridge.rewards[0], terminated, truncated, info: bridge.info };
    },
    close: () => bridge.close(),
    ...renderers[renderMode as keyof typeof renderers],
  };
}

/** An SVG document that shows the picture in a PNG file, of the same size. */
function pictureSvg(png: Uint8Array): string {
  const [width, height] = [16, 20].map((at) => new DataView(png.buffer, png.byteOffset).getUint32(at));
  const data = Buffer.from(png).toString("base64");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
    `<image width="${width}" height="${height}" href="data:image/png;base64,${data}"/></svg>`
  );
}

/** `count` environments in one Python process, with same-step autoreset. See {@link gymnasiumEnvironment}. */
export function gymnasiumVector(
  id: string,
  count: number,
  options: GymnasiumOptions = {},
): VectorEnvironment {
  const bridge = new Bridge(id, count, false, options);
  const { observationSpace, actionSpace, maxEpisodeSteps } = bridge.hello;
  const batch = new Float64Array(count * spaceWidth(actionSpace));
  const width = spaceWidth(observationSpace);
  const observations = new Float32Array(count * width);
  const finalObservations = new Float32Array(count * width);
  const cannotBeSaved = (): never => {
    throw new UsageError(
      `${id} runs in Python and cannot be saved, so this run can neither checkpoint nor resume`,
    );
  };
  const vector: VectorEnvironment = {
    id,
    count,
    observationSpace,
    actionSpace,
    episodeLimit: maxEpisodeSteps ?? undefined,
    observations,
    finalObservations,
    rewards: bridge.rewards,
    terminated: bridge.terminated,
    truncated: bridge.truncated,
    reset({ seed, options }: ResetOptions = {}) {
      const seeds = Array.from({ length: count }, (_, i) => integerSeed(vectorSeed(seed ?? 0, i)));
      bridge.reset(seed === undefined ? undefined : seeds, options);
      observations.set(bridge.observations);
    },
    step(actions: ActionBatch) {
      refuseBadBatch(vector, actions);
      refuseBadActions(id, actionSpace, actions);
      batch.set(actions);
      bridge.step(batch);
      observations.set(bridge.observations);
      finalObservations.set(bridge.finalObservations);
    },
    close: () => bridge.close(),
    getState: cannotBeSaved,
    setState: cannotBeSaved,
  };
  return vector;
}

/**
 * Registers an environment of the local Gymnasium installation as "gymnasium:<id>", and returns that id. Options of the
 * environment are those of `gymnasium.make`, and `actionMask`. With `render_mode` "rgb_array" or "ansi" it is drawn.
 *
 * @example train(ppo(), { env: registerGymnasium("LunarLander-v3"), steps: 100_000 })
 */
export function registerGymnasium(id: string, { options = {}, ...rest }: GymnasiumOptions = {}): string {
  const registered = `gymnasium:${id}`;
  const withOptions = ({ actionMask = rest.actionMask, ...more }: Record<string, unknown>) => {
    if (typeof actionMask !== "boolean" && actionMask !== undefined) {
      throw new UsageError(
        `${registered}: actionMask must be true or false, not ${JSON.stringify(actionMask)}`,
      );
    }
    return { ...rest, actionMask, options: { ...options, ...more } };
  };
  register(
    {
      id: registered,
      summary: "an environment of the local Gymnasium installation",
      make: (more) => gymnasiumEnvironment(id, withOptions(more)),
      makeVector: (count, more) => gymnasiumVector(id, count, withOptions(more)),
    },
    { replace: true },
  );
  return registered;
}
