/** @file A page passes its own labeller. */

import { needsNode } from "../errors.js";

export const labellerFor = needsNode(
  "a labeller is named by its kind; in a page pass an object with a method label",
);
