/** @file Algorithms are loaded by name one by one, and are those of the catalogue. */

import { expect, it } from "vitest";
import { catalogue } from "../../algorithms/index.js";
import { algorithmNames, loadDefinition } from "../../algorithms/load.js";

it("loads the definition of every algorithm of the catalogue by its name", async () => {
  expect([...algorithmNames].sort()).toEqual(catalogue.map(({ name }) => name).sort());
  for (const definition of catalogue) expect(await loadDefinition(definition.name)).toBe(definition);
});

it("returns nothing for an unknown name, such as a property that all objects inherit", async () => {
  expect(await loadDefinition("ppi")).toBeUndefined();
  expect(await loadDefinition("toString")).toBeUndefined();
});
