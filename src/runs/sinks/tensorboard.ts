/** @file TensorBoard event files: `Event` messages (tensorflow/core/util/event.proto) in TFRecord frames. */

import { join } from "node:path";
import { messageEncoder } from "../../tensor/onnx/protobuf.js";
import { growingFile } from "./growing-file.js";
import type { MetricSink } from "./sink.js";
import { tfRecord } from "./tfrecord.js";

/** The fields of the published messages that scalars use, with their published numbers. */
const encode = messageEncoder({
  Event: { wallTime: [1, "double"], step: [2, "int64"], fileVersion: [3, "string"], summary: [5, "Summary"] },
  Summary: { value: [1, "Value"] },
  Value: { tag: [1, "string"], simpleValue: [2, "float"] },
});

/** The part of a file's name by which TensorBoard finds it below its `--logdir`. */
const FILE = "events.out.tfevents.understudy";

/**
 * Overwrites one event file in a folder: a scalar `table/name` for each number of a row, at `steps`.
 *
 * @param started the start time of the run, in seconds since 1970; an event's time is that plus its row's `seconds`
 */
export function tensorboardSink(folder: string, started: number): MetricSink {
  const file = growingFile(join(folder, FILE), "w");
  const append = (event: object) => file.append(tfRecord(encode("Event", event)));
  append({ wallTime: started, fileVersion: "brain.Event:2" });
  return {
    write(table, { steps, seconds, ...numbers }) {
      const value = Object.entries(numbers).map(([name, simpleValue]) => ({
        tag: `${table}/${name}`,
        simpleValue,
      }));
      append({ wallTime: started + seconds, step: steps, summary: { value } });
    },
    close: file.close,
  };
}
