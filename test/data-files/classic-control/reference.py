"""Plays Gymnasium's classic control environments from given states and writes what happens, a JSON file each.

python test/data-files/classic-control/reference.py, with gymnasium 1.3.0 installed. Random numbers only choose the
start states and actions, which are written down too.
"""

import json
from pathlib import Path

import gymnasium as gym
import numpy as np

HERE = Path(__file__).parent


def shortest(value):
    """The shortest text that reads back as the same float32 (or float64)."""
    text = np.format_float_positional(value, trim="-")
    return json.loads(text.rstrip(".") if text.endswith(".") else text)


def play(env, start, choose, limit):
    env.reset(seed=0)
    raw = env.unwrapped
    raw.state = np.array(start, dtype=np.float64)
    if hasattr(raw, "steps_beyond_terminated"):
        raw.steps_beyond_terminated = None
    episode = {"state": list(start), "actions": [], "observations": [], "rewards": [], "terminated": False}
    for step in range(limit):
        action = choose(raw, step)
        given = np.array([action], dtype=np.float32) if isinstance(action, float) else action
        observation, reward, terminated, _, _ = raw.step(given)
        episode["actions"].append(shortest(given[0]) if isinstance(action, float) else int(action))
        episode["observations"].append([shortest(x) for x in observation])
        episode["rewards"].append(shortest(np.float64(reward)))
        if terminated:
            episode["terminated"] = True
            break
    return episode


def write(name, cases):
    episodes = []
    for options, attributes, start, choose, limit in cases:
        env = gym.make(IDS[name], **options)
        for key, value in attributes.items():
            setattr(env.unwrapped, key, value)
        episode = play(env, start, choose, limit)
        episodes.append({"options": {**options, **attributes}, **episode})
        print(name, len(episode["actions"]), episode["terminated"])
    source = f"gymnasium {gym.__version__}, {IDS[name]}, float32 observations after each step, numpy {np.__version__}"
    rows = ",\n".join(json.dumps(e, separators=(",", ":")) for e in episodes)
    (HERE / f"{name}.json").write_text(
        f'{{"source":{json.dumps(source)},"madeBy":"test/data-files/classic-control/reference.py","episodes":[\n{rows}\n]}}\n'
    )


IDS = {
    "cartpole": "CartPole-v1",
    "pendulum": "Pendulum-v1",
    "mountain-car": "MountainCar-v0",
    "mountain-car-continuous": "MountainCarContinuous-v0",
    "acrobot": "Acrobot-v1",
}
rng = np.random.default_rng(3)


def balance(raw, step):
    x, v, angle, w = raw.state
    return int(0.1 * x + 0.3 * v + 3 * angle + w > 0)


def drawn(n):
    return lambda raw, step: int(rng.integers(n))


def torque(scale):
    return lambda raw, step: float(np.float32(rng.uniform(-scale, scale)))


def pump(raw, step):
    return 2 if raw.state[1] >= 0 else 0


def push(strength):
    return lambda raw, step: float(np.float32(strength if raw.state[1] >= 0 else -strength))


def swing(raw, step):
    return 2 if raw.state[3] >= 0 else 0


write(
    "cartpole",
    [
        ({}, {}, [0.03, -0.02, 0.01, 0.04], balance, 60),
        ({}, {}, [-0.04, 0.01, -0.03, 0.02], drawn(2), 60),
        ({}, {}, [2.2, 1.1, 0.02, -0.3], drawn(2), 60),
        ({"sutton_barto_reward": True}, {}, [0.01, 0.02, 0.05, 0.03], drawn(2), 60),
    ],
)
write(
    "pendulum",
    [
        ({}, {}, [2.9, 0.4], torque(2), 40),
        ({}, {}, [-0.3, -7.5], torque(3), 40),
        ({"g": 9.81}, {}, [1.0, 0.0], torque(2), 40),
    ],
)
write(
    "mountain-car",
    [
        ({}, {}, [-0.5, 0.0], pump, 200),
        ({}, {}, [-1.1, -0.05], drawn(3), 40),
        ({"goal_velocity": 0.03}, {}, [0.45, 0.01], lambda raw, step: 2, 40),
        ({"goal_velocity": 0.03}, {}, [0.3, 0.045], lambda raw, step: 2, 40),
    ],
)
write(
    "mountain-car-continuous",
    [
        ({}, {}, [-0.5, 0.0], push(0.8), 300),
        ({}, {}, [-1.1, -0.05], torque(2), 40),
        ({}, {}, [0.0, 0.069], push(1.5), 40),
        ({"goal_velocity": 0.065}, {}, [0.4, 0.02], push(1.0), 20),
        ({"goal_velocity": 0.02}, {}, [0.1, 0.05], push(0.5), 20),
    ],
)
write(
    "acrobot",
    [
        ({}, {}, [0.05, -0.03, 0.02, 0.01], swing, 120),
        ({}, {}, [-0.05, 0.08, 0.01, -0.02], drawn(3), 40),
        ({}, {}, [3.0, -3.0, 12.0, 28.0], drawn(3), 12),
        ({}, {"book_or_nips": "nips"}, [0.4, -0.3, 1.0, -2.0], swing, 40),
    ],
)
