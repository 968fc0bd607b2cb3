"""The episodes of expected.json in Arrow folders, Minari's table storages, robomimic's and ManiSkill's HDF5.

Run with: python tables.py
Needs numpy, h5py, datasets and pyarrow, and the sources of imitation 1.0 and Minari 0.5.3 or later on PYTHONPATH,
whose own writers write the first three; what was used is said in tables.json. The other two follow, field by field,
what these programs write:
- robomimic: github.com/ARISE-Initiative/robomimic, robomimic/scripts/dataset_states_to_obs.py
- ManiSkill 3: github.com/haosulab/ManiSkill, mani_skill/utils/wrappers/record.py
"""

import json
import pathlib
import platform

import datasets
import gymnasium as gym
import h5py
import numpy as np
import pyarrow as pa
from imitation.data import huggingface_utils, types
from minari.data_collector.episode_buffer import EpisodeBuffer
from minari.dataset._storages.arrow_storage import ArrowStorage, ParquetStorage

expected = json.load(open("expected.json"))


def arrays(episodes, action_type):
    return [
        {
            "observations": np.asarray(e["observations"], dtype=np.float32),
            "actions": np.asarray(e["actions"], dtype=action_type),
            "rewards": np.asarray(e["rewards"], dtype=np.float64),
            "terminated": e["terminated"],
            "truncated": e["truncated"],
        }
        for e in episodes
    ]


cartpole = arrays(expected["cartpole"], np.int64)
pendulum = arrays(expected["pendulum"], np.float32)


def flags(episode, ended):
    values = np.zeros(len(episode["rewards"]), dtype=bool)
    values[-1] = ended
    return values


def imitation_folder(path, episodes):
    trajectories = [
        types.TrajectoryWithRew(
            obs=e["observations"], acts=e["actions"], infos=None, terminal=True, rews=e["rewards"]
        )
        for e in episodes
    ]
    huggingface_utils.trajectories_to_dataset(trajectories).save_to_disk(path)


def minari_folder(path, storage, episodes, space, observed):
    data = pathlib.Path(path).resolve() / "data"
    data.mkdir(parents=True)
    written = storage.new(
        data, observation_space=space, action_space=gym.spaces.Discrete(2), data_format=storage.FORMAT
    )
    written.update_metadata({"dataset_id": path.replace("-", "/", 1) + "-v0"})
    written.update_episodes(
        [
            EpisodeBuffer(
                id=i,
                observations=observed(e["observations"]),
                actions=e["actions"],
                rewards=e["rewards"],
                terminations=flags(e, e["terminated"]),
                truncations=flags(e, e["truncated"]),
            )
            for i, e in enumerate(episodes)
        ]
    )


def robomimic(path, episodes):
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        for i, e in enumerate(episodes):
            group = data.create_group(f"demo_{i}")
            n = len(e["rewards"])
            images = (np.arange(n + 1)[:, None, None, None] * 10 + np.arange(12).reshape(2, 2, 3)).astype(np.uint8)
            group.create_dataset("actions", data=e["actions"].astype(np.float64))
            group.create_dataset("states", data=np.zeros((n, 5)))
            group.create_dataset("rewards", data=e["rewards"])
            group.create_dataset("dones", data=flags(e, True).astype(np.int64))
            for name, rows in {"state": e["observations"].astype(np.float64), "agentview_image": images}.items():
                group.create_dataset(f"obs/{name}", data=rows[:-1], compression="gzip")
                group.create_dataset(f"next_obs/{name}", data=rows[1:], compression="gzip")
            group.attrs["num_samples"] = n
        data.attrs["total"] = sum(len(e["rewards"]) for e in episodes)
        data.attrs["env_args"] = json.dumps({"env_name": "Pendulum-v1", "type": 2, "env_kwargs": {}})
        file.create_group("mask").create_dataset("train", data=np.array([b"demo_0", b"demo_2"]))


def maniskill(path, episodes):
    with h5py.File(path, "w") as file:
        for i, e in enumerate(episodes):
            group = file.create_group(f"traj_{i}", track_order=True)
            options = {"compression": "gzip", "compression_opts": 5}
            agent = group.create_group("obs/agent")
            agent.create_dataset("qpos", data=e["observations"][:, :2], dtype=np.float32)
            agent.create_dataset("qvel", data=e["observations"][:, 2:], dtype=np.float16)
            n = len(e["rewards"])
            rgb = np.broadcast_to(np.arange(n + 1, dtype=np.uint8)[:, None, None, None], (n + 1, 2, 2, 3))
            group.create_dataset("obs/sensor_data/base_camera/rgb", data=rgb, **options)
            group.create_dataset("actions", data=e["actions"], dtype=np.float32)
            group.create_dataset("terminated", data=flags(e, e["terminated"]), dtype=bool)
            group.create_dataset("truncated", data=flags(e, e["truncated"]), dtype=bool)
            group.create_dataset("success", data=flags(e, False), dtype=bool)
            group.create_dataset("rewards", data=e["rewards"], dtype=np.float32)
            group.create_dataset("env_states/actors/pole", data=np.zeros((n + 1, 13)), dtype=np.float32)


def nested(observations):
    return {
        "pole": observations[:, 2:],
        "cart": (observations[:, :1], (observations[:, 1] > 0).astype(np.int64)),
    }


everything = gym.spaces.Box(-np.inf, np.inf, (4,), np.float32)
parts = gym.spaces.Dict(
    {
        "pole": gym.spaces.Box(-np.inf, np.inf, (2,), np.float32),
        "cart": gym.spaces.Tuple(
            [gym.spaces.Box(-np.inf, np.inf, (1,), np.float32), gym.spaces.Discrete(2)]
        ),
    }
)
imitation_folder("imitation-cartpole-arrow", cartpole)
minari_folder("minari-cartpole-arrow", ArrowStorage, cartpole, everything, lambda o: o)
minari_folder("minari-nested-parquet", ParquetStorage, cartpole, parts, nested)
robomimic("robomimic-pendulum.hdf5", pendulum)
maniskill("maniskill-pendulum.h5", pendulum)
json.dump(
    {
        "script": "tables.py",
        "python": platform.python_version(),
        "datasets": datasets.__version__,
        "pyarrow": pa.__version__,
        "h5py": h5py.__version__,
        "numpy": np.__version__,
        "imitation": "source at e5ef18806c449ca47153b494a02471c5e2ae3a14",
        "minari": "source at 1880118a0d5f67addd30a540316c11fdcb337014",
    },
    open("tables.json", "w"),
    indent=2,
)
