/** @file The classifier that is learnt from annotations: its network, and the artefact of a run. */

import { type Items, inputsOf, type Standard } from "../../../src/crowds/items.js";
import { UsageError } from "../../../src/errors.js";
import type { Artefact } from "../../../src/learning/contract.js";
import type * as nn from "../../../src/nn/index.js";
import type { ArtefactData } from "../../../src/policies/contract.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { type DropoutMlpOptions, dropoutMlp } from "../../shared/dropout-mlp.js";

/** A network of a classifier, `[B, inputs]` to logits `[B, outputs]`. */
export interface ClassifierNetwork {
  /** By which a saved classifier is restored. */
  readonly kind: "mlp" | "doctor-net";
  readonly parameters: nn.ParameterTree;
  /** Number of uniforms for dropout that a row of a gradient step needs. */
  readonly noise: number;
  /** @param uniforms `[B, noise]` on [0, 1), for dropout; without them all units act */
  logits(parameters: nn.TensorTree, x: Tensor, uniforms?: Tensor): Tensor;
}

export const classifierNetwork = (options: DropoutMlpOptions): ClassifierNetwork => ({
  kind: "mlp",
  ...dropoutMlp(options),
});

/** What a network learnt from annotations: classes of items by their features, and how each annotator errs. */
export interface CrowdClassifier extends Artefact {
  readonly classes: readonly string[];
  readonly columns: readonly string[];
  /** The probabilities of the classes, `[items, classes]`. @throws UsageError for items with other features */
  predict(items: Pick<Items, "features" | "columns"> & Partial<Items>): Promise<Float32Array>;
  /** The names of the annotators, where `confusion` is known. */
  readonly annotators: readonly string[];
  /** `[annotators, true, observed]`, of methods whose parameters are or give confusion matrices; rows sum to 1. */
  readonly confusion?: Float64Array;
  /** `[true, observed]`: the confusion that all annotators share, of methods that have one. */
  readonly common?: Float64Array;
  /** The mean log-probability of a label that was held out; absent if none was. */
  readonly heldOutLikelihood?: number;
  /** The items whose labels were learnt from. */
  readonly learntFrom: ReadonlySet<string>;
}

interface ClassifierParts {
  classes: readonly string[];
  columns: readonly string[];
  annotators: readonly string[];
  hidden: readonly number[];
  network: ClassifierNetwork;
  program: t.Program;
  layout: nn.Layout;
  vector: Float32Array;
  standard?: Standard;
  confusion?: Float64Array;
  common?: Float64Array;
  heldOutLikelihood?: number;
  learntFrom: ReadonlySet<string>;
}

/** The program of a classifier: inputs `x` and its `parameters`, output `probabilities` and `logits`. */
export const classifierProgram = (network: ClassifierNetwork, layout: nn.Layout, width: number): t.Program =>
  t.program({ parameters: t.float32([layout.size]), x: t.float32(["batch", width]) }, ({ parameters, x }) => {
    const logits = network.logits(layout.unflatten(parameters), x);
    return { probabilities: t.softmax(logits), logProbabilities: t.logSoftmax(logits) };
  });

export function crowdClassifier(parts: ClassifierParts): CrowdClassifier {
  const { classes, columns, annotators, hidden, program, layout, vector, standard, confusion, common } =
    parts;
  const parameters = vector.slice();
  return {
    classes,
    columns,
    annotators,
    ...(confusion && { confusion }),
    ...(common && { common }),
    ...(parts.heldOutLikelihood !== undefined && { heldOutLikelihood: parts.heldOutLikelihood }),
    learntFrom: parts.learntFrom,
    async predict(items) {
      const { columns: own } = items;
      if (own.length !== columns.length || own.some((name, i) => name !== columns[i])) {
        throw new UsageError(
          `the classifier has the features ${columns.slice(0, 5).join(", ")}… (${columns.length}), and the items ` +
            `${own.slice(0, 5).join(", ")}… (${own.length})`,
        );
      }
      const x = inputsOf(items as Items, standard);
      return (await program.run({ parameters, x })).probabilities as Float32Array;
    },
    toData: (): ArtefactData => ({
      kind: "crowd-classifier",
      settings: {
        network: parts.network.kind,
        classes,
        columns,
        annotators,
        hidden,
      } satisfies ClassifierSettings,
      arrays: {
        ...Object.fromEntries(
          Object.entries(layout.views(parameters)).map(([name, { shape, data }]) => [
            name,
            { shape: [...shape], data },
          ]),
        ),
        ...(standard && {
          "standard.mean": { shape: [columns.length], data: standard.mean },
          "standard.scale": { shape: [columns.length], data: standard.scale },
        }),
        ...(confusion && {
          confusion: { shape: [annotators.length, classes.length, classes.length], data: confusion },
        }),
        ...(common && { common: { shape: [classes.length, classes.length], data: common } }),
      },
    }),
  };
}

/** The settings of a saved classifier. */
export interface ClassifierSettings {
  network: ClassifierNetwork["kind"];
  classes: readonly string[];
  columns: readonly string[];
  annotators: readonly string[];
  hidden: readonly number[];
}
