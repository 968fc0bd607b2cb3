/** @file When a policy with memory forgets. */

import type { VectorEnvironment } from "../env/contracts.js";

type Endings = Pick<VectorEnvironment, "count" | "terminated" | "truncated" | "trialEnded">;

/**
 * Whether what was remembered of environment i goes out of date with the step just made: where its episode ended or,
 * of a task family, its trial (Duan et al. 2016, §2.2), since later episodes of a trial are of the same task.
 */
export const forgets = ({ terminated, truncated, trialEnded }: Endings, i: number): boolean =>
  trialEnded ? trialEnded[i] === 1 : (terminated[i] | truncated[i]) === 1;

/** Sets the rows of `memory` `[N, m]` to zero whose environments are at such an end. */
export function emptyMemory(memory: Float32Array | undefined, vector: Endings): void {
  if (!memory) return;
  const width = memory.length / vector.count;
  for (let i = 0; i < vector.count; i++) if (forgets(vector, i)) memory.fill(0, i * width, (i + 1) * width);
}
