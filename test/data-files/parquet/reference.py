"""A Parquet file whose pages have checksums. Run with: python reference.py. Needs pyarrow 25.0.1."""

import pyarrow as pa
import pyarrow.parquet as pq

table = pa.table({"x": pa.array([i / 2 for i in range(100)], type=pa.float64())})
pq.write_table(
    table, "checksums.parquet", compression="none", use_dictionary=False, write_page_checksum=True
)
