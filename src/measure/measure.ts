/** @file The type of a measurement of a policy. */

import type { Metrics } from "../learning/contract.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";

/** Further numbers about a policy, for `evaluations`. Its stream is its own, so that training is not disturbed. */
export type Measure = (policy: Policy, rng: Rng) => Promise<Metrics>;
