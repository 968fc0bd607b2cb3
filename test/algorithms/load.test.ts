/** @file Algorithms are loaded by name one by one, and are those of the catalogue. */

import { expect, it } from "vitest";
import { catalogue } from "../../algorithms/index.js";
import { algorithmNames, loadDefinition } from "../../algorithms/load.js";

it("loads the definition of every algorithm of the catalogue by its name", async () => {
  expect([...algorithmNames].sort()).toEqual(catalogue.map(({ name }) => name).sort());
  for (const definition of catalogue) expect(await loadDefinition(definition.name)).toBe(definition);
});

it("finds nothing by a name that is none, such as one that all objects have", async () => {
  expect(await loadDefinition("ppi")).toBeUndefined();
  expect(await loadDefinition("toString")).toBeUndefined();
});
