/** @file What an exported policy says besides its mode: its distribution as outputs, and its spaces as metadata. */

import type {
  Affine,
  Categorical,
  DiagonalGaussian,
  Distribution,
  MultiCategorical,
  TanhGaussian,
} from "../nn/index.js";
import type { Space } from "../spaces/index.js";
import * as t from "../tensor/index.js";
import type { Metadata } from "../tensor/onnx/model.js";
import { type ObservationStatistics, standardisation } from "./statistics.js";

/**
 * The outputs that describe a distribution. `logProbs` `[B, K]`: of every choice; for several choices, theirs side by
 * side. `deviation` `[B, D]`: the standard deviation of a Gaussian, before a squashed one is squashed.
 */
export function distributionOutputs(distribution: Distribution): Record<string, t.Tensor> {
  switch (distribution.kind) {
    case "categorical":
      return { logProbs: (distribution as Categorical).logProbs };
    case "multi-categorical":
      return {
        logProbs: t.concat(
          (distribution as MultiCategorical).parts.map(({ logProbs }) => logProbs),
          1,
        ),
      };
    case "diagonal-gaussian": {
      const { mean, logStd } = distribution as DiagonalGaussian;
      return { deviation: t.broadcastTo(t.exp(logStd), mean.shape, mean) };
    }
    case "tanh-gaussian":
      return distributionOutputs((distribution as TanhGaussian).base);
    case "affine": {
      const { base, map } = distribution as Affine;
      const { deviation } = distributionOutputs(base);
      if (!deviation) return {};
      return { deviation: t.mul(deviation, t.constant(Float32Array.from(map.scale), [map.scale.length])) };
    }
    default:
      return {};
  }
}

interface Described {
  kind: string;
  observationSpace: Space;
  actionSpace: Space;
  statistics?: ObservationStatistics;
}

/**
 * Metadata of an exported policy, each value JSON: `kind`, `observationSpace` and `actionSpace` (unbounded entries are
 * null), and `normalisation`, the mean, deviation and clip that the model applies to observations.
 */
export function policyMetadata({ kind, observationSpace, actionSpace, statistics }: Described): Metadata {
  const entries = {
    kind,
    observationSpace,
    actionSpace,
    ...(statistics && { normalisation: standardisation(statistics) }),
  };
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, JSON.stringify(value)]));
}
