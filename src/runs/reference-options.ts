/** @file Which options of an algorithm refer to what is no plain data, and the schemas of the references. */

import type * as z from "zod";
import {
  dataReference,
  demonstrationsReference,
  labellerReference,
  policyReference,
  preferencesReference,
} from "../config/references.js";
import { type AlgorithmDefinition, hasNeed } from "../learning/define.js";

const schemas = {
  acquisition: policyReference,
  annotations: dataReference,
  demonstrations: demonstrationsReference,
  expert: policyReference,
  labeller: labellerReference,
  preferences: preferencesReference,
  reference: policyReference,
  student: policyReference,
  teacher: policyReference,
} satisfies Record<string, z.ZodType>;

export type ReferenceOption = keyof typeof schemas;

/** The options of algorithms that are no plain data, with the schema of the references to them. */
export const isReferenceOption = (name: string): name is ReferenceOption => Object.hasOwn(schemas, name);

/** Whether the option also takes names and plain objects that are no references, so that it has a schema of its own. */
export const takesNames = (name: string): name is "acquisition" => name === "acquisition";

/** The schema of the references that an option takes. */
export const referenceSchema = (name: ReferenceOption): z.ZodType => schemas[name];

/** Whether runs of an algorithm measure the distance by default: inverse RL has measures of its own. */
export const measuresDistance = (definition: AlgorithmDefinition): boolean =>
  ("demonstrations" in definition.schema.shape || "expert" in definition.schema.shape) &&
  !hasNeed(definition, "demonstrations", "expert");
