"""Plays Gymnasium's planar MuJoCo environments from given states and writes what happens, a JSON file each.

python test/data-files/mujoco/reference.py [id ...], with gymnasium 1.3.0 and mujoco 3.14.0 installed. Random numbers only
choose the start states and actions, which are written down too. Actions are float32 numbers, passed as float64 so that
rewards are float64.
"""

import json
import sys
from pathlib import Path

import gymnasium as gym
import mujoco
import numpy as np

HERE = Path(__file__).parent
SOURCE = (
    f"gymnasium {gym.__version__}, mujoco {mujoco.__version__} (native), by test/data-files/mujoco/reference.py: "
    "compiled constants of the model in MuJoCo's order, and episodes (start state, float32 actions, rewards, state and "
    "observation after some of the steps; drift: how much the positions and velocities of the same episode differ, up "
    "to each step, when its start is moved by 1e-14)"
)
ARRAYS = """body_parentid body_pos body_quat body_mass body_inertia body_ipos jnt_type jnt_bodyid jnt_pos jnt_axis jnt_range
jnt_stiffness jnt_margin jnt_solref jnt_solimp dof_damping dof_armature geom_type geom_bodyid geom_size geom_pos geom_quat
geom_friction geom_contype geom_conaffinity geom_condim geom_margin geom_solref geom_solimp actuator_gear
actuator_ctrlrange actuator_trnid site_bodyid site_pos tendon_range tendon_stiffness wrap_prm""".split()


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def rounded(values, digits=13):
    return [json.loads(f"{float(x):.{digits}g}") for x in np.ravel(values)]


def exact(values):
    return [float(x) for x in np.ravel(values)]


def restart(raw, qpos, qvel):
    mujoco.mj_resetData(raw.model, raw.data)
    raw.set_state(qpos, qvel)


def gain(name):
    """The linear feedback that holds a pendulum upright (discrete Riccati equation of the linearised step)."""
    raw = gym.make(name).unwrapped
    n = raw.model.nq

    def step(s, a):
        restart(raw, s[:n], s[n:])
        raw.step(np.array([a]))
        return np.r_[raw.data.qpos, raw.data.qvel]

    e = 1e-6
    rows = np.eye(2 * n) * e
    a = np.array([step(row, 0) - step(-row, 0) for row in rows]).T / (2 * e)
    b = ((step(0 * rows[0], e) - step(0 * rows[0], -e)) / (2 * e))[:, None]
    p = np.eye(2 * n)
    for _ in range(5000):
        k = np.linalg.solve(np.eye(1) + b.T @ p @ b, b.T @ p @ a)
        p = np.eye(2 * n) + a.T @ p @ (a - b @ k)
    return k[0]


def play(name, options, limit, seed, scale=1.0, balanced=False):
    rng = np.random.default_rng(seed)
    env = gym.make(name, disable_env_checker=True, **options)
    env.reset(seed=seed)
    raw = env.unwrapped
    data = raw.data
    low, high = env.action_space.low, env.action_space.high
    feedback = gain(name) if balanced else None
    qpos, qvel = data.qpos.copy(), data.qvel.copy()
    restart(raw, qpos, qvel)
    actions, rewards, path, at = [], [], [], {}

    def note(step, observation):
        state = {"qpos": exact(data.qpos), "qvel": exact(data.qvel)}
        at[step] = {**state, "observation": rounded(observation, 11)}

    note(0, raw._get_obs())
    for step in range(1, limit + 1):
        action = scale * rng.uniform(low, high)
        if balanced:
            action = np.clip(0.03 * action - feedback @ np.r_[data.qpos, data.qvel], low, high)
        action = action.astype(np.float32).astype(np.float64)
        observation, reward, ended, _, info = raw.step(action)
        actions.append(exact(action))
        rewards.append(float(reward))
        path.append((data.qpos.copy(), data.qvel.copy()))
        if step in NOTED or step == limit or ended:
            note(step, observation)
        if ended:
            break

    def off(a, b):
        return np.max(np.abs(a - b) / np.maximum(1, np.abs(b)))

    drift = np.zeros(len(actions))
    for _ in range(3):
        restart(raw, qpos + 1e-14 * rng.choice([-1, 1], qpos.size), qvel)
        for step, action in enumerate(actions):
            raw.step(np.array(action))
            drift[step] = max(drift[step], off(data.qpos, path[step][0]), off(data.qvel, path[step][1]))
    # JSON has no infinity: null stands for it.
    finite = lambda v: [x if np.isfinite(x) else None for x in v] if isinstance(v, tuple) else v
    plain = {camel(k): finite(v) for k, v in options.items()}
    print(name, len(actions), bool(ended), f"{drift.max():.0e}")
    return {
        "options": plain,
        "qpos": exact(qpos),
        "qvel": exact(qvel),
        "actions": actions,
        "rewards": rewards,
        "drift": rounded(np.maximum.accumulate(drift), 2),
        "terminated": bool(ended),
        "at": at,
        "info": {camel(k): float(v) for k, v in info.items() if np.ndim(v) == 0},
    }


NOTED = (1, 2, 5, 10, 20, 50, 100)


def write(name, episodes):
    env = gym.make(name)
    raw = env.unwrapped
    model = raw.model
    facts = {
        "source": SOURCE,
        "frameSkip": raw.frame_skip,
        "maxEpisodeSteps": env.spec.max_episode_steps,
        "timestep": model.opt.timestep,
        "observationSize": env.observation_space.shape[0],
        "actionLow": rounded(env.action_space.low, 7),
        "actionHigh": rounded(env.action_space.high, 7),
        "bodies": [model.body(i).name for i in range(model.nbody)],
    }
    lines = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in facts.items()]
    arrays = {key: rounded(getattr(model, key)) for key in ARRAYS if np.size(getattr(model, key))}
    arrays["qpos0"] = exact(model.qpos0)
    rows = ",\n".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in arrays.items())
    lines.append('"model":{\n' + rows + "\n}")
    played = [play(name, options, limit, seed, **how) for options, limit, seed, how in episodes]
    lines.append('"episodes":[\n' + ",\n".join(json.dumps(episode) for episode in played) + "\n]")
    (HERE / f"{name}.json").write_text("{\n" + ",\n".join(lines).replace(", ", ",").replace('": ', '":') + "\n}\n")


INF = float("inf")
SEEN = {"exclude_current_positions_from_observation": False}
RUN = {"forward_reward_weight": 2.0, "ctrl_cost_weight": 0.1}
EPISODES = {
    "InvertedPendulum-v5": [
        ({}, 100, 1, {}),
        ({}, 60, 2, {"balanced": True}),
        ({"reset_noise_scale": 0.1, "frame_skip": 3}, 20, 3, {"scale": 0.2}),
    ],
    "InvertedDoublePendulum-v5": [
        ({}, 100, 1, {}),
        ({}, 25, 2, {"balanced": True}),
        ({"healthy_reward": 3.0, "reset_noise_scale": 0.02, "frame_skip": 2}, 20, 3, {"scale": 0.1}),
    ],
    "Reacher-v5": [
        ({}, 50, 1, {}),
        ({"reward_dist_weight": 2.0, "reward_control_weight": 0.1, "frame_skip": 5}, 20, 2, {}),
    ],
    "Swimmer-v5": [
        ({}, 100, 1, {}),
        ({**RUN, **SEEN, "reset_noise_scale": 1.0, "frame_skip": 2}, 20, 2, {}),
    ],
    "Hopper-v5": [
        ({}, 100, 1, {}),
        ({"terminate_when_unhealthy": False}, 100, 2, {}),
        (
            {
                **RUN,
                **SEEN,
                "healthy_reward": 0.5,
                "healthy_state_range": (-3.0, 3.0),
                "healthy_z_range": (1.0, INF),
                "healthy_angle_range": (-0.5, 0.5),
                "reset_noise_scale": 0.02,
                "frame_skip": 2,
            },
            100,
            3,
            {},
        ),
    ],
    "HalfCheetah-v5": [
        ({}, 50, 1, {}),
        ({**RUN, **SEEN, "reset_noise_scale": 0.3, "frame_skip": 2}, 20, 2, {}),
    ],
    "Walker2d-v5": [
        ({}, 100, 1, {}),
        ({"terminate_when_unhealthy": False}, 100, 2, {}),
        (
            {
                **RUN,
                **SEEN,
                "healthy_reward": 0.5,
                "healthy_z_range": (1.1, 1.5),
                "healthy_angle_range": (-0.5, 0.5),
                "reset_noise_scale": 0.02,
                "frame_skip": 2,
            },
            100,
            3,
            {},
        ),
    ],
}

for id in sys.argv[1:] or EPISODES:
    write(id, EPISODES[id])
