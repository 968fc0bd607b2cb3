/** @file The name and the spaces of a data set, in place of an environment: a problem in which nothing can act. */

import { UsageError } from "../errors.js";
import type { Problem } from "./contracts.js";

const PREFIX = "data:";

/** Whether an id names a data set without an environment: `data:NAME`, or `data` for that at hand. */
export const isDataId = (id: unknown): id is string =>
  typeof id === "string" && (id === "data" || id.startsWith(PREFIX));

/** The id of a data set, `data:NAME`. Idempotent. */
export const dataId = (name: string): string => (name.startsWith(PREFIX) ? name : `${PREFIX}${name}`);

/** The problem of learning from a data set alone. Its vectors are refused with the way out. */
export const dataProblem = ({
  id,
  observationSpace,
  actionSpace,
}: Pick<Problem, "id" | "observationSpace" | "actionSpace">): Problem => ({
  id,
  observationSpace,
  actionSpace,
  isData: true,
  async vector() {
    throw new UsageError(
      `${id} is a data set, in which nothing can act: give the environment with env, or learn from the data alone with bc`,
    );
  },
});
