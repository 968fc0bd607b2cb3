/** @file The type of a measurement of a policy. */

import type { Metrics } from "../learning/contract.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";

/**
 * Computes additional metrics of a policy, for `evaluations`. `rng` is a separate stream, so training is unaffected. A
 * measure that plays episodes returns their number of environment steps as `diagnosticSteps`, which `share` limits.
 */
export type Measure = (policy: Policy, rng: Rng) => Promise<Metrics>;
