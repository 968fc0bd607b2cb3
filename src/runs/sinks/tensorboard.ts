/** @file TensorBoard event files: `Event` messages (tensorflow/core/util/event.proto) in TFRecord frames. */

import { join } from "node:path";
import protobuf from "protobufjs/light.js";
import { growingFile } from "./growing-file.js";
import type { MetricSink } from "./sink.js";
import { tfRecord } from "./tfrecord.js";

/** The fields of the two published messages that scalars use, with their published numbers. */
const { Event } = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
      },
    },
    Summary: {
      fields: { value: { rule: "repeated", type: "Value", id: 1 } },
      nested: {
        Value: {
          // Without the oneof of the published message, a scalar of 0 would be omitted.
          oneofs: { value: { oneof: ["simpleValue"] } },
          fields: { tag: { type: "string", id: 1 }, simpleValue: { type: "float", id: 2 } },
        },
      },
    },
  },
}) as unknown as { Event: protobuf.Type };

/** The part of a file's name by which TensorBoard finds it below its `--logdir`. */
const FILE = "events.out.tfevents.understudy";

/**
 * Overwrites one event file in a folder: a scalar `table/name` for each number of a row, at `steps`.
 *
 * @param started the start time of the run, in seconds since 1970; an event's time is that plus its row's `seconds`
 */
export function tensorboardSink(folder: string, started: number): MetricSink {
  const file = growingFile(join(folder, FILE), "w");
  const append = (event: object) => file.append(tfRecord(Event.encode(Event.fromObject(event)).finish()));
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
