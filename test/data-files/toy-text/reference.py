"""Writes what Gymnasium's toy text environments say of themselves: digests of whole transition tables with a few of their
rows, start distributions, action masks, and mean returns of blackjack under a fixed policy.

python test/data-files/toy-text/reference.py, with gymnasium 1.3.0 installed.
"""

import hashlib
import json
from pathlib import Path

import gymnasium as gym
import numpy as np

LAKE = ["SFFHF", "FHFFG", "FFSHF"]
TABLES = [
    ("FrozenLake-v1", {}),
    ("FrozenLake-v1", {"is_slippery": False}),
    ("FrozenLake8x8-v1", {}),
    ("FrozenLake-v1", {"desc": LAKE, "success_rate": 0.7, "reward_schedule": (5, -2, -0.1)}),
    ("CliffWalking-v1", {}),
    ("CliffWalkingSlippery-v1", {}),
    ("Taxi-v4", {}),
    ("Taxi-v4", {"is_rainy": True}),
    ("Taxi-v4", {"is_rainy": True, "rainy_probability": 0.5}),
]


def row(outcomes):
    return " | ".join(f"{int(s)} {p:.9f} {r:.3f}" for p, s, r, _ in outcomes if p > 0)


def table(name, options):
    env = gym.make(name, **options).unwrapped
    terminal = sorted({int(s) for rows in env.P.values() for o in rows.values() for _, s, _, done in o if done})
    lines = [f"{s},{a}: {row(o)}" for s, rows in env.P.items() if s not in terminal for a, o in rows.items()]
    starts = [[s, round(float(p), 12)] for s, p in enumerate(env.initial_state_distrib) if p > 0]
    result = {
        "id": name,
        "options": options,
        "states": len(env.P),
        "terminal": terminal,
        "starts": [len(starts), starts[0], starts[-1]],
        "startSum": sum(s for s, _ in starts),
        "rows": lines[:: max(1, len(lines) // 12)],
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }
    if hasattr(env, "action_mask"):
        masks = "".join(str(x) for s in range(len(env.P)) for x in env.action_mask(s))
        result["masksSha256"] = hashlib.sha256(masks.encode()).hexdigest()
    return result


def hands(options, hands=60_000):
    """Mean return of sticking at 17 and above."""
    env = gym.make("Blackjack-v1", **options).unwrapped
    env.reset(seed=1)
    returns = np.zeros(hands)
    for i in range(hands):
        (total, _, _), _ = env.reset()
        done = False
        while not done:
            (total, _, _), reward, done, _, _ = env.step(int(total < 17))
        returns[i] = reward
    deviation = float(returns.std() / np.sqrt(hands))
    return {"options": options, "hands": hands, "mean": float(returns.mean()), "standardError": deviation}


tables = ",\n".join(json.dumps(table(*t)) for t in TABLES)
blackjack = ",\n".join(json.dumps(hands(o)) for o in [{}, {"sab": False}, {"sab": False, "natural": True}])
source = f"gymnasium {gym.__version__}, env.unwrapped.P, its terminal states left out; blackjack by simulation"
Path(__file__).with_name("tables.json").write_text(
    f'{{"source":{json.dumps(source)},"madeBy":"test/data-files/toy-text/reference.py","tables":[\n{tables}\n],"blackjack":[\n{blackjack}\n]}}\n'
)
