/** @file Specs in listings agree with the environments. */

import { describe, expect, it } from "vitest";
import { envIds, envSpec, make } from "../../envs/index.js";
import { describeSpace } from "../../src/spaces/index.js";

describe("the listing of an environment", () => {
  it.each(envIds())("of %s has its spaces and step limit", async (id) => {
    const env = await make(id);
    expect(envSpec(id).listing).toEqual({
      observations: describeSpace(env.observationSpace),
      actions: describeSpace(env.actionSpace),
      ...(env.maxEpisodeSteps !== undefined && { limit: env.maxEpisodeSteps }),
    });
    env.close?.();
  });
});
