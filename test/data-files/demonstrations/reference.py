"""Small files of real episodes, in each of the formats that readers of demonstrations know.

Run with: python reference.py
Needs gymnasium 1.3.0, h5py 3.16.0, pyarrow 25.0.1 and numpy; what was used is said in expected.json.

The layouts follow, field by field, what these programs write:
- Minari: github.com/Farama-Foundation/Minari, minari/dataset/_storages/hdf5_storage.py
- D4RL: github.com/Farama-Foundation/D4RL (Fu et al. 2020, arXiv:2004.07219)
- imitation, .npz: github.com/HumanCompatibleAI/imitation, src/imitation/data/types.py before version 0.4
- imitation, Hugging Face: the same, src/imitation/data/huggingface_utils.py
- LeRobot: github.com/huggingface/lerobot, format v2.1
"""

import json
import platform

import gymnasium as gym
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def rollout(env_id, limit, episodes, seed):
    env = gym.make(env_id, max_episode_steps=limit)
    env.action_space.seed(seed)
    result = []
    for episode in range(episodes):
        observation, _ = env.reset(seed=seed + episode)
        observations, actions, rewards = [observation], [], []
        terminated = truncated = False
        while not (terminated or truncated):
            action = env.action_space.sample()
            observation, reward, terminated, truncated, _ = env.step(action)
            observations.append(observation)
            actions.append(action)
            rewards.append(float(reward))
        result.append(
            {
                "observations": np.asarray(observations, dtype=np.float32),
                "actions": np.asarray(actions),
                "rewards": np.asarray(rewards),
                "terminated": bool(terminated),
                "truncated": bool(truncated),
            }
        )
    return result


def flags(episode, ended):
    values = np.zeros(len(episode["rewards"]), dtype=bool)
    values[-1] = ended
    return values


def minari(path, episodes):
    with h5py.File(path, "w", track_order=True) as file:
        for i, episode in enumerate(episodes):
            group = file.create_group(f"episode_{i}")
            group.attrs["id"] = i
            group.attrs["seed"] = i
            group.attrs["total_steps"] = len(episode["rewards"])

            def leaf(parent, key, data):
                if isinstance(data, dict):
                    child = parent.create_group(key)
                    for name, part in data.items():
                        leaf(child, name, part)
                else:
                    parent.create_dataset(key, data=data, chunks=True, maxshape=(None, *data.shape[1:]))

            leaf(group, "observations", episode["observations"])
            leaf(group, "actions", episode["actions"])
            leaf(group, "rewards", episode["rewards"])
            leaf(group, "terminations", flags(episode, episode["terminated"]))
            leaf(group, "truncations", flags(episode, episode["truncated"]))
            infos = group.create_dataset("infos", (len(episode["rewards"]) + 1,), dtype=h5py.string_dtype())
            infos[:] = ["{}"] * (len(episode["rewards"]) + 1)


def d4rl(path, episodes, with_next):
    joined = lambda parts: np.concatenate(list(parts))
    with h5py.File(path, "w") as file:
        file["observations"] = joined(e["observations"][:-1] for e in episodes)
        file["actions"] = joined(e["actions"] for e in episodes)
        file["rewards"] = joined(e["rewards"].astype(np.float32) for e in episodes)
        file["terminals"] = joined(flags(e, e["terminated"]) for e in episodes)
        file["timeouts"] = joined(flags(e, e["truncated"]) for e in episodes)
        if with_next:
            file.create_dataset(
                "next_observations",
                data=joined(e["observations"][1:] for e in episodes),
                compression="gzip",
                shuffle=True,
            )


def imitation_npz(path, episodes):
    lengths = [len(e["rewards"]) for e in episodes]
    np.savez_compressed(
        path,
        obs=np.concatenate([e["observations"] for e in episodes]),
        acts=np.concatenate([e["actions"] for e in episodes]),
        infos=np.array([{"step": t} for n in lengths for t in range(n)], dtype=object),
        terminal=np.array([True for _ in episodes]),
        rews=np.concatenate([e["rewards"] for e in episodes]),
        indices=np.cumsum(lengths)[:-1],
    )


def imitation_parquet(path, episodes):
    table = pa.table(
        {
            "obs": [e["observations"].tolist() for e in episodes],
            "acts": [e["actions"].tolist() for e in episodes],
            "infos": [["{}"] * len(e["rewards"]) for e in episodes],
            "terminal": [True for _ in episodes],
            "rews": [e["rewards"].tolist() for e in episodes],
        },
        schema=pa.schema(
            [
                ("obs", pa.list_(pa.list_(pa.float32()))),
                ("acts", pa.list_(pa.int64())),
                ("infos", pa.list_(pa.string())),
                ("terminal", pa.bool_()),
                ("rews", pa.list_(pa.float64())),
            ]
        ),
    )
    pq.write_table(table, path, compression="zstd")


def lerobot(path, episodes):
    rows = [(i, t, e) for i, e in enumerate(episodes) for t in range(len(e["rewards"]))]
    table = pa.table(
        {
            "observation.state": pa.array(
                [e["observations"][t].tolist() for _, t, e in rows],
                type=pa.list_(pa.float32(), len(episodes[0]["observations"][0])),
            ),
            "action": pa.array(
                [e["actions"][t].tolist() for _, t, e in rows],
                type=pa.list_(pa.float32(), len(episodes[0]["actions"][0])),
            ),
            "timestamp": pa.array([t / 20 for _, t, _ in rows], type=pa.float32()),
            "frame_index": pa.array([t for _, t, _ in rows], type=pa.int64()),
            "episode_index": pa.array([i for i, _, _ in rows], type=pa.int64()),
            "index": pa.array(range(len(rows)), type=pa.int64()),
            "task_index": pa.array([0] * len(rows), type=pa.int64()),
            "next.reward": pa.array([float(e["rewards"][t]) for _, t, e in rows], type=pa.float32()),
            "next.done": pa.array([t == len(e["rewards"]) - 1 for _, t, e in rows]),
        }
    )
    pq.write_table(table, path, compression="snappy")


def nested(cartpole):
    """The same episodes with an observation that is a dict with a tuple in it."""
    result = []
    for e in cartpole:
        o = e["observations"]
        result.append(
            {
                **e,
                "observations": {
                    "pole": o[:, 2:],
                    "cart": {"_index_0": o[:, :1], "_index_1": (o[:, 1] > 0).astype(np.int64)},
                },
            }
        )
    return result


def plain(episodes):
    return [{k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in e.items()} for e in episodes]


cartpole = rollout("CartPole-v1", 20, 4, seed=3)
pendulum = rollout("Pendulum-v1", 6, 3, seed=5)
minari("minari-cartpole.hdf5", cartpole)
minari("minari-nested.hdf5", nested(cartpole))
d4rl("d4rl-pendulum.hdf5", pendulum, with_next=False)
d4rl("d4rl-pendulum-next.hdf5", pendulum, with_next=True)
imitation_npz("imitation-cartpole.npz", cartpole)
imitation_parquet("imitation-cartpole.parquet", cartpole)
lerobot("lerobot-pendulum.parquet", pendulum)
with open("expected.json", "w") as file:
    json.dump(
        {
            "provenance": {
                "script": "reference.py",
                "python": platform.python_version(),
                "gymnasium": gym.__version__,
                "h5py": h5py.__version__,
                "pyarrow": pa.__version__,
                "numpy": np.__version__,
                "policy": "uniform; CartPole-v1 cut after 20 steps (seeds 3 to 6), Pendulum-v1 after 6 (5 to 7)",
            },
            "cartpole": plain(cartpole),
            "pendulum": plain(pendulum),
        },
        file,
    )
