/** @file Resets the recurrent state of policies at the end of episodes and trials. */

import type { VectorEnvironment } from "../env/contracts.js";

type Endings = Pick<VectorEnvironment, "count" | "terminated" | "truncated" | "trialEnded">;

/**
 * Whether the recurrent state of environment i is reset after the last step: at the end of its episode or, in a task
 * family, of its trial [Duan et al. 2016, §2.2], because all episodes of a trial have the same task.
 */
export const forgets = ({ terminated, truncated, trialEnded }: Endings, i: number): boolean =>
  trialEnded ? trialEnded[i] === 1 : (terminated[i] | truncated[i]) === 1;

/** Sets the rows of `memory` `[N, m]` to zero for which {@link forgets} is true. */
export function emptyMemory(memory: Float32Array | undefined, vector: Endings): void {
  if (!memory) return;
  const width = memory.length / vector.count;
  for (let i = 0; i < vector.count; i++) if (forgets(vector, i)) memory.fill(0, i * width, (i + 1) * width);
}
