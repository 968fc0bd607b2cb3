/** @file The source of a learner that needs no environment: a data set, read as its definition says, or given in code. */

import { type DataReference, dataReference, isGiven } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { Artefact } from "../learning/contract.js";
import type { DataSource } from "../learning/define.js";
import { encodeTree } from "../state/checkpoint.js";
import { crc32c } from "../state/crc32c.js";
import type { Tree } from "../state/snapshot.js";
import type { OpenedSource, RunSource } from "./source.js";
import { sourceName } from "./spec.js";

/**
 * @param learner the learner's name, for messages
 * @param definition how its definition reads and evaluates, where it has one
 * @param data a path, a reference to one, or the data set itself
 * @throws UsageError when there is no data set, nothing at its path, or another content than was recorded
 */
export async function dataRun(
  learner: string,
  definition: DataSource | undefined,
  data: unknown,
): Promise<OpenedSource> {
  if (data === undefined) {
    throw new UsageError(`${learner} needs data: ${definition?.summary ?? "the data set to learn from"}`);
  }
  if (isGiven(data)) {
    throw new UsageError(`${learner}: its data was given in code, which a record cannot hold: give it again`);
  }
  const asked = typeof data === "string" ? { from: data } : data;
  const parsed = dataReference.safeParse(asked);
  const { value, reference } = parsed.success
    ? await read(learner, definition, parsed.data as { from: string; checksum?: string })
    : { value: data, reference: { given: "data", ...checksumOf(data) } };
  return {
    source: sourceOf(sourceName({ data: reference }), value, definition),
    record: { environmentOptions: {}, data: reference },
  };
}

async function read(
  learner: string,
  definition: DataSource | undefined,
  { from, checksum: recorded }: { from: string; checksum?: string },
): Promise<{ value: unknown; reference: DataReference }> {
  if (definition === undefined) {
    throw new UsageError(
      `${learner} was not made by defineAlgorithm, so nothing says how ${from} is read: give the data set itself`,
    );
  }
  const { checksumAt, requireSameContent } = await import("./modules.js");
  const checksum = await checksumAt(from);
  requireSameContent(from, recorded, checksum);
  return { value: await definition.read(from), reference: { from, checksum } };
}

/** The checksum of plain data; none of objects that a checkpoint could not hold. */
function checksumOf(data: unknown): { checksum?: string } {
  try {
    return { checksum: crc32c(encodeTree(data as Tree)).toString(16) };
  } catch {
    return {};
  }
}

function sourceOf(
  id: string,
  value: unknown,
  definition: DataSource | undefined,
): RunSource<unknown, Artefact> {
  return {
    id,
    value,
    criterion: definition?.criterion,
    ...(definition?.evaluate && {
      evaluate: (artefact: Artefact, _, rng) => definition.evaluate!(artefact, value, rng),
    }),
    close() {},
  } satisfies RunSource<unknown, Artefact>;
}
