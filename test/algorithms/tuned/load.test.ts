/** @file The tables that are loaded for an algorithm give what all tables give. */

import { describe, expect, it } from "vitest";
import { algorithmNames, loadDefinition } from "../../../algorithms/load.js";
import { tunedFor, tunedSettings } from "../../../algorithms/tuned/index.js";
import { loadTuned, tunedIn } from "../../../algorithms/tuned/load.js";

describe("the tables loaded for an algorithm", () => {
  it("have its settings for every environment, also those of its optimiser", async () => {
    const envs = new Set(Object.values(tunedSettings).flatMap((table) => Object.keys(table)));
    let settings = 0;
    for (const name of algorithmNames) {
      const definition = (await loadDefinition(name))!;
      const table = await loadTuned(definition);
      for (const env of envs) {
        const entry = tunedIn(table, definition, env);
        expect(entry).toEqual(tunedFor(definition, env));
        if (entry) settings++;
      }
    }
    expect(settings).toBeGreaterThan(50);
  });
});
