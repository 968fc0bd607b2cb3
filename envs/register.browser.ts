/** @file Announces the environments of this project: a page loads the family of the one that it makes. */

import { register, registerLater } from "../src/env/registry.js";
import { families } from "./families.js";

for (const { ids, load } of Object.values(families)) {
  registerLater(ids, async () => {
    for (const spec of await load()) register(spec, { replace: true });
  });
}
