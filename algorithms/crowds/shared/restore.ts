/** @file Restores a classifier that was learnt from annotations from its artefact file. */

import { UsageError } from "../../../src/errors.js";
import * as nn from "../../../src/nn/index.js";
import type { ArtefactData } from "../../../src/policies/contract.js";
import { doctorNetwork } from "../doctor-net/network.js";
import {
  type ClassifierSettings,
  type CrowdClassifier,
  classifierNetwork,
  classifierProgram,
  crowdClassifier,
} from "./classifier.js";

/**
 * The classifier in an artefact, as `loadArtefact` reads it from a run folder.
 *
 * @throws UsageError for another artefact; FormatError for arrays that do not fit
 */
export function restoreClassifier({ kind, settings, arrays }: ArtefactData): CrowdClassifier {
  if (kind !== "crowd-classifier") {
    throw new UsageError(
      `the artefact is of the kind ${kind}, not a classifier that was learnt from annotations`,
    );
  }
  const { classes, columns, annotators, hidden, network: form } = settings as unknown as ClassifierSettings;
  const sizes = { inputs: columns.length, hidden, outputs: classes.length, dropout: 0 };
  const network =
    form === "doctor-net"
      ? doctorNetwork({ ...sizes, annotators: annotators.length })
      : classifierNetwork(sizes);
  const layout = nn.layoutOf(network.parameters);
  const { confusion, common, "standard.mean": mean, "standard.scale": scale, ...parameters } = arrays;
  return crowdClassifier({
    ...{ classes, columns, annotators, hidden, network, layout },
    program: classifierProgram(network, layout, columns.length),
    vector: layout.fromNamed(parameters),
    ...(mean && { standard: { mean: mean.data as Float32Array, scale: scale.data as Float32Array } }),
    ...(confusion && { confusion: confusion.data as Float64Array }),
    ...(common && { common: common.data as Float64Array }),
    learntFrom: new Set(),
  });
}
