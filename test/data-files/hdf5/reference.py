"""Small HDF5 files: arrays of every kind of number, arrays that HDF5 cannot read, and a file with checksums.

Run with: python reference.py
Needs h5py 3.16.0 and numpy 2.4.6. Every array of numbers.hdf5 is [1, 2, 3, …] or as its name says.
"""

import h5py
import numpy as np


def numbers(path):
    with h5py.File(path, "w") as file:
        for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
            for order, name in [("<", "little"), (">", "big")]:
                file[f"{name}-{code}"] = np.array([1, 2, 3], dtype=order + code)
        file["negative-big-i8"] = np.array([-1, -2], dtype=">i8")
        file["half"] = np.array([0.5, -0.1, 65504, 2**-24, np.inf, -np.inf, np.nan, -0.0], dtype="f2")
        file["bool"] = np.array([True, False])
        file["enum-big-i2"] = np.array([1, -2], dtype=h5py.enum_dtype({"a": 1, "b": -2}, basetype=">i2"))
        file["scalar"] = np.float32(3)
        file["no-rows"] = np.zeros((0, 3), dtype="f4")
        file["matrix"] = np.arange(6, dtype="f4").reshape(3, 2)
        file["linked"] = h5py.SoftLink("/matrix")
        file["exact-i8"] = np.array([2**53, -(2**60)])
        rows = np.arange(1, 1001, dtype="f8")
        for name, how in {
            "gzip": {"compression": "gzip", "shuffle": True},
            "szip": {"compression": "szip"},
            "fletcher32": {"fletcher32": True, "chunks": True},
        }.items():
            file.create_dataset(name, data=rows, **how)
        file.create_dataset("scale-offset", data=rows.astype("i4"), scaleoffset=0, chunks=True)


def refused(path):
    rows = np.arange(1000, dtype="f8")
    with h5py.File(path, "w") as file:
        file.create_dataset("gzip", data=rows, compression="gzip")
        file.create_dataset("fletcher32", data=rows, fletcher32=True, chunks=True)
        file.create_dataset("lzf", data=rows, compression="lzf")
        file.create_dataset("external", shape=(3,), dtype="f4", external=[("other.raw", 0, 12)])
        layout = h5py.VirtualLayout(shape=(3,), dtype="f4")
        layout[:] = h5py.VirtualSource("other.h5", "data", shape=(3,))
        file.create_virtual_dataset("virtual", layout)
        file["inexact-i8"] = np.array([1, 2**53 + 1])
        file["longdouble"] = np.array([1], dtype=np.longdouble)
        file["text"] = ["a", "bc"]
        file["fixed-text"] = np.array([b"a", b"bc"])
        file["records"] = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")])
        file["null"] = h5py.Empty("f4")
        file["nowhere"] = h5py.SoftLink("/nothing")
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/data")
        lists = file.create_dataset("lists", shape=(2,), dtype=h5py.vlen_dtype("u1"))
        lists[0] = np.array([1, 2], dtype="u1")
        nbit = h5py.h5t.STD_I32LE.copy()
        nbit.set_precision(20)
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((3,))
        creation.set_filter(h5py.h5z.FILTER_NBIT)
        space = h5py.h5s.create_simple((3,))
        packed = h5py.h5d.create(file.id, b"nbit", nbit, space, creation)
        packed.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, -2, 3], dtype="i4"))
        chunks = [file[name].id.get_chunk_info(0) for name in ("gzip", "fletcher32")]
    content = bytearray(open(path, "rb").read())
    for chunk in chunks:
        content[chunk.byte_offset + chunk.size // 2] ^= 0xFF
    open(path, "wb").write(content)


def checksummed(path):
    """D4RL's layout in which every byte has a checksum: the structure, and the arrays by gzip's own."""
    angles = 0.1 * np.arange(61)
    seen = np.stack([np.cos(angles), np.sin(angles), np.round(angles, 1)], 1).astype("f4")
    timeouts = np.zeros(60, dtype=bool)
    timeouts[-1] = True
    with h5py.File(path, "w", libver="latest") as file:
        for name, rows in {
            "observations": seen[:-1],
            "next_observations": seen[1:],
            "actions": (np.arange(60, dtype="f4") / 100)[:, None],
            "rewards": -np.ones(60, dtype="f4"),
            "terminals": np.zeros(60, dtype=bool),
            "timeouts": timeouts,
        }.items():
            file.create_dataset(name, data=rows, compression="gzip")


numbers("numbers.hdf5")
refused("refused.hdf5")
checksummed("checksummed.hdf5")
