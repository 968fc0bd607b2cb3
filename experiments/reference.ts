/**
 * @file Writes the generated pages of docs/reference from the schemas, the registry of environments and the command
 * line: `node dist/experiments/reference.js`. `npm run docs` runs it, and then TypeDoc for the API.
 */

import { join } from "node:path";
import { writeFileAtomic } from "../src/state/files.js";
import { referencePages } from "./reference/pages.js";

for (const [name, text] of Object.entries(await referencePages())) {
  await writeFileAtomic(join("docs", "reference", name), new TextEncoder().encode(text));
  process.stdout.write(`docs/reference/${name}\n`);
}
