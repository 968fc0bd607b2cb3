/**
 * @file HopperRandParams-v0 and WalkerRandParams-v0: robots with random body parameters. The clusters are those of MiLEt
 * [Chu, Cai & Wang 2024; Chu 2024, §3.3.5]: each changes one of body mass, damping, body inertia and friction, and leaves
 * the others unchanged. The changes are those of [Rothfuss et al. 2019]: every entry of the array is multiplied by b^u
 * with u uniform on ±3, where b is 1.3 for damping and 1.5 otherwise. MiLEt's published code draws normal factors
 * instead and replaces those that are not positive by 0.1.
 */

import * as z from "zod";
import { nonNegative, positive, resolveOptions } from "../../../src/config/options.js";
import type { Environment, TaskFamily } from "../../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../../src/env/task-families.js";
import type { Rng } from "../../../src/random/rng.js";
import { type MujocoSpec, mujocoEnvironment, type Rules } from "../environment.js";
import { hopperOptions, hopperRules } from "../hopper.js";
import { hopperModel } from "../models/hopper.js";
import { walker2dModel } from "../models/walker2d.js";
import { range } from "../options.js";
import { loadPhysics } from "../physics/load.js";
import type { Model } from "../physics/physics.js";
import { walker2dOptions, walker2dRules } from "../walker2d.js";
import { familyOptions } from "./task-rules.js";

/** The array of `mjModel` that each cluster changes, and the base b of its factors. */
const CLUSTERS = [
  { array: "body_mass", base: 1.5 },
  { array: "dof_damping", base: 1.3 },
  { array: "body_inertia", base: 1.5 },
  { array: "geom_friction", base: 1.5 },
] as const;

/** A task: its cluster, and the factor of each entry of the cluster's array. */
export type ScaleTask = { cluster: number; scales: number[] };

/** Normal factors that are not positive are replaced by this one. */
const SMALLEST_FACTOR = 0.1;

const factors = () =>
  z.union(
    [
      z.literal("log-uniform"),
      z.strictObject({
        mean: positive().describe("mean of normal factors"),
        std: nonNegative().describe(
          `standard deviation of normal factors; those that are not positive become ${SMALLEST_FACTOR}`,
        ),
      }),
    ],
    { error: 'it must be "log-uniform", or { mean, std }' },
  );

const randParamsOptions = () => ({
  ...familyOptions(4),
  factors: factors()
    .default("log-uniform")
    .describe(
      "distribution of the factors that scale the parameters of the body: log-uniform about 1, or normal",
    ),
  logScaleLimit: nonNegative()
    .default(3)
    .describe(
      "with log-uniform `factors`: their largest exponent, of either sign; the base is 1.5, and 1.3 for damping",
    ),
  healthyZRange: range(-Infinity, Infinity).describe("range of healthy heights of the torso (m)"),
  healthyAngleRange: range(-Infinity, Infinity).describe(
    "range of healthy angles of the torso from upright (rad)",
  ),
});

export const hopperRandParamsOptions = hopperOptions.extend({
  ...randParamsOptions(),
  healthyStateRange: range(-Infinity, Infinity).describe(
    "range of healthy values of all velocities and of all coordinates except x and z",
  ),
});

export const walkerRandParamsOptions = walker2dOptions.extend({
  ...randParamsOptions(),
  healthyReward: z.number().default(0).describe("reward of a step that ends in a healthy state"),
});

interface FactorOptions {
  factors: z.output<ReturnType<typeof factors>>;
  logScaleLimit: number;
}

/** The task family of environment `id`; `sizes`: lengths of the arrays, in the order of the clusters. */
export function scalings(
  id: string,
  sizes: readonly number[],
  options: FactorOptions,
): TaskFamily<ScaleTask> {
  const schema = z
    .strictObject({ cluster: clusterField(CLUSTERS.length), scales: z.array(z.number().positive()) })
    .refine(({ cluster, scales }) => scales.length === sizes[cluster], {
      path: ["scales"],
      error: ({ input }) => `it must be ${sizes[(input as ScaleTask).cluster]} positive numbers`,
    });
  return {
    clusters: CLUSTERS.length,
    sampleTask(rng) {
      const cluster = rng.integer(CLUSTERS.length);
      const scales = Array.from({ length: sizes[cluster] }, () => sampleFactor(options, cluster, rng));
      return { cluster, scales };
    },
    clusterOf: ({ cluster }) => cluster,
    checkTask: taskChecker(id, schema),
  };
}

function sampleFactor({ factors, logScaleLimit }: FactorOptions, cluster: number, rng: Rng): number {
  if (factors === "log-uniform") return CLUSTERS[cluster].base ** (logScaleLimit * (2 * rng.uniform() - 1));
  const factor = factors.mean + factors.std * rng.normal();
  return factor > 0 ? factor : SMALLEST_FACTOR;
}

/** `rules` on models that are scaled by the tasks of the copies. */
export function onScaledModels(rules: Rules, original: Model, copies: number): Rules {
  const usual = CLUSTERS.map(({ array }) => Float64Array.from(original.array(array)));
  const tasks = new Array<ScaleTask | undefined>(copies);
  return {
    ...rules,
    setTask(copy, task) {
      tasks[copy] = task as ScaleTask;
    },
    prepare(model, copy) {
      const task = tasks[copy];
      for (const [cluster, { array }] of CLUSTERS.entries()) {
        const target = model.array(array);
        target.set(usual[cluster]);
        if (task?.cluster !== cluster) continue;
        for (let k = 0; k < target.length; k++) target[k] *= task.scales[k];
      }
    },
  };
}

/** A robot with random body parameters. */
async function randParams(spec: Omit<MujocoSpec, "tasks"> & FactorOptions): Promise<Environment> {
  const { id, xml } = spec;
  const model = (await loadPhysics()).compile(xml);
  const sizes = CLUSTERS.map(({ array }) => model.array(array).length);
  model.free();
  return mujocoEnvironment({
    ...spec,
    view: "side",
    tasks: scalings(id, sizes, spec),
    rules: (model, copies) => onScaledModels(spec.rules(model, copies), model, copies),
  });
}

/**
 * Hoppers with random body parameters. Reward: that of Hopper-v5, the velocity along x (m/s), plus 1, minus 10⁻³ times
 * the sum of squared actions. By default every state is healthy, and episodes end only at the time limit.
 */
export function hopperRandParams(
  options: z.input<typeof hopperRandParamsOptions> = {},
): Promise<Environment> {
  const id = "HopperRandParams-v0";
  const resolved = resolveOptions(id, hopperRandParamsOptions, options);
  const { xml = hopperModel } = resolved;
  return randParams({ ...resolved, id, xml, rules: (model) => hopperRules(resolved, model) });
}

/**
 * Walkers with random body parameters: as {@link hopperRandParams}, with the robot of Walker2d-v5 and healthy reward 0.
 */
export function walkerRandParams(
  options: z.input<typeof walkerRandParamsOptions> = {},
): Promise<Environment> {
  const id = "WalkerRandParams-v0";
  const resolved = resolveOptions(id, walkerRandParamsOptions, options);
  const { xml = walker2dModel } = resolved;
  return randParams({ ...resolved, id, xml, rules: (model) => walker2dRules(resolved, model) });
}
