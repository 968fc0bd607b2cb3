/** @file The option `demonstrations`, which every algorithm that learns from them takes: its schema, its record and its checks. */

import { z } from "zod";
import type { Demonstrations } from "../../src/datasets/demonstrations.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import { crc32c } from "../../src/state/crc32c.js";
import type { LabelledPairs } from "./labelled-pairs.js";

export const demonstrationsSchema = z.custom<Demonstrations>(
  (value) => Array.isArray((value as Partial<Demonstrations> | null | undefined)?.trajectories),
  "it must be demonstrations, as collect gives them",
);

/** What a run's record says of demonstrations: enough to notice that a resumed run was given others. */
export function fingerprint(
  { env, trajectories }: Demonstrations,
  pairs: LabelledPairs,
): Record<string, unknown> {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const ends = Uint8Array.from(trajectories, ({ terminated }) => Number(terminated));
  const checksum = [pairs.observations, pairs.actions, ends, ...(pairs.weights ? [pairs.weights] : [])]
    .map((array) => crc32c(bytes(array)).toString(16))
    .join("-");
  return { env, episodes: trajectories.length, pairs: pairs.count, checksum };
}

/** @throws UsageError when demonstrations come from spaces other than those of the problem to be learnt */
export function matchSpaces(
  algorithm: string,
  problem: Problem,
  demonstrations: Pick<Demonstrations, "env" | "observationSpace" | "actionSpace">,
): void {
  for (const space of ["observationSpace", "actionSpace"] as const) {
    const [here, there] = [JSON.stringify(problem[space]), JSON.stringify(demonstrations[space])];
    if (here !== there) {
      throw new UsageError(
        `${algorithm}: the demonstrations are of ${demonstrations.env}, whose ${space} is ${there}; ` +
          `that of ${problem.id} is ${here}`,
      );
    }
  }
}
