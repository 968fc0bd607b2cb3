/** @file The source of a learner without an environment: a data set, read by its definition or passed in code. */

import { type DataReference, dataReference, isGiven, requireSameContent } from "../config/references.js";
import { FormatError, UsageError } from "../errors.js";
import type { Artefact } from "../learning/contract.js";
import type { DataSource } from "../learning/define.js";
import { encodeTree } from "../state/checkpoint.js";
import { checksumText } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import type { Tree } from "../state/snapshot.js";
import type { OpenedSource, RunSource } from "./source.js";
import { sourceName } from "./spec.js";

/**
 * @param learner the learner's name, for messages
 * @param definition the data source of its definition, if any
 * @param data a path, a reference to one, or the data set itself
 * @throws UsageError when there is no data set, nothing at its path, its content differs from the recorded checksum; FormatError naming
 * the file when the definition cannot read it
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
    throw new UsageError(`${learner}: the data was passed in code and is not in the record: pass it again`);
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
      `${learner} was not made by defineAlgorithm, so it cannot read ${from}: pass the data set itself`,
    );
  }
  const { checksumAt } = await import("./modules.js");
  const checksum = await checksumAt(from);
  requireSameContent(from, recorded, checksum);
  try {
    return { value: await definition.read(from), reference: { from, checksum } };
  } catch (cause) {
    const { message } = cause as Error;
    if (cause instanceof UsageError || message.includes(from)) throw cause;
    throw new FormatError(`${from} cannot be read as the data of ${learner}: ${message}`, { cause });
  }
}

/** The checksum of plain data; undefined for objects that a checkpoint cannot hold. */
function checksumOf(data: unknown): { checksum?: string } {
  try {
    return { checksum: checksumText(crc32c(encodeTree(data as Tree))) };
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
