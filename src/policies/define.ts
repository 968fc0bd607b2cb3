/**
 * @file Kinds of policies: the name in a policy file, and the function that restores a policy from its data. Each has a
 * name, because a policy is stored as data, never as code.
 */

import { didYouMean, UsageError } from "../errors.js";
import { type Space, spaceProblem } from "../spaces/index.js";
import { AdaptingPolicy } from "./adapting.js";
import { BeliefPolicy } from "./belief.js";
import type { Policy, PolicyData } from "./contract.js";
import { MetaCurePolicy } from "./meta-cure.js";
import { MixturePolicy } from "./mixture.js";
import { NetworkPolicy } from "./network.js";
import { OraclePolicy } from "./oracle.js";
import { PearlPolicy } from "./pearl.js";
import { QPolicy } from "./q-network.js";
import { TabularPolicy } from "./tabular.js";
import { TimeIndexedPolicy } from "./time-indexed.js";
import { UniformPolicy } from "./uniform.js";

export interface PolicyDefinition {
  /** The `kind` in what `toData()` of such a policy returns. */
  readonly kind: string;
  /** The policy with this data; the inverse of `toData()`. */
  fromData(data: PolicyData): Policy;
}

/** The built-in kinds, and those that `definePolicy` adds. */
const definitions = new Map<string, PolicyDefinition>(
  [
    { kind: "adapting", fromData: AdaptingPolicy.fromData },
    { kind: "belief", fromData: BeliefPolicy.fromData },
    { kind: "meta-cure", fromData: MetaCurePolicy.fromData },
    { kind: "mixture", fromData: (data: PolicyData) => MixturePolicy.fromData(data, policyOf) },
    { kind: "network", fromData: NetworkPolicy.fromData },
    { kind: "oracle", fromData: (data: PolicyData) => OraclePolicy.fromData(data, policyOf) },
    { kind: "pearl", fromData: PearlPolicy.fromData },
    { kind: "q-network", fromData: QPolicy.fromData },
    { kind: "tabular", fromData: TabularPolicy.fromData },
    { kind: "time-indexed", fromData: TimeIndexedPolicy.fromData },
    { kind: "uniform", fromData: UniformPolicy.fromData },
  ].map((definition) => [definition.kind, definition]),
);

/** Thrown for a kind of policy that is not defined in this program. */
export class UnknownPolicyError extends UsageError {}

/**
 * Registers a kind of policy, so that `loadPolicy` and the command line can restore policies of this kind. A policy file
 * of the kind can only be loaded after the kind is defined.
 *
 * @throws UsageError for an empty kind, or one that is already defined
 */
export function definePolicy(definition: PolicyDefinition): void {
  const { kind, fromData } = definition;
  if (typeof kind !== "string" || kind === "" || typeof fromData !== "function") {
    throw new UsageError(
      `definePolicy needs a kind and a function, such as { kind: "my-policy", fromData: (data) => … }`,
    );
  }
  if (definitions.has(kind)) {
    throw new UsageError(`policy kind "${kind}" is already defined; choose another name`);
  }
  definitions.set(kind, definition);
}

/**
 * The policy with this data.
 *
 * @throws UnknownPolicyError for a kind that is not defined; UsageError for an invalid space
 */
export function policyOf(data: PolicyData): Policy {
  const { kind, settings } = data;
  for (const name of ["observationSpace", "actionSpace"]) {
    const problem = settings[name] === undefined ? undefined : spaceProblem(settings[name] as Space);
    if (problem) throw new UsageError(`${name} of the policy: ${problem}`);
  }
  const definition = definitions.get(kind);
  if (definition) return definition.fromData(data);
  throw new UnknownPolicyError(
    `there is no policy kind "${kind}"${didYouMean(kind, [...definitions.keys()])}; if it is your own, first import ` +
      `the module that calls definePolicy({ kind: ${JSON.stringify(kind)}, … }), on the command line with --import`,
  );
}
