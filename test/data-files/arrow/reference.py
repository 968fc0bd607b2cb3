"""Small Arrow files of all types that are read. Run with: python reference.py. Needs pyarrow 25.0.1."""

import pyarrow as pa

table = pa.table(
    {
        "u8": pa.array([0, 200, 255], pa.uint8()),
        "i16": pa.array([-300, 5, 300], pa.int16()),
        "i64": pa.array([-1, 2**40, 3], pa.int64()),
        "f16": pa.array([0.5, -2, 65504], pa.float16()),
        "f32": pa.array([0.25, -1.5, 3], pa.float32()),
        "flag": pa.array([True, False, True]),
        "fixed": pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.float64(), 2)),
        "lists": pa.array([[[1, 2]], [], [[3], [4, 5]]], pa.list_(pa.large_list(pa.int32()))),
        "struct": pa.array([{"a": 1, "b": True}, {"a": 2, "b": False}, {"a": 3, "b": True}]),
        "text": pa.array(["a", "bc", ""]),
        "gap": pa.array([1.0, None, 2.0]),
    }
)
with pa.ipc.new_file("types.arrow", table.schema) as writer:
    writer.write_table(table, max_chunksize=2)
with pa.ipc.new_stream("types.stream", table.schema) as writer:
    writer.write_table(table, max_chunksize=2)
options = pa.ipc.IpcWriteOptions(compression="zstd")
with pa.ipc.new_file("zstd.arrow", table.schema, options=options) as writer:
    writer.write_table(table)
