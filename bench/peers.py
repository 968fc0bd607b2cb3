"""Benchmarks of Python libraries at the sizes of the other benchmarks in this folder. Prints one JSON line per result.

    OMP_NUM_THREADS=1 taskset -c 0 python3 bench/peers.py [NAME ...]

`value-iteration` needs NumPy and SciPy, `cartpole-vector` NumPy and Gymnasium, `mce-irl-round` NumPy,
`sac-256-gradient-steps` PyTorch, `active-digits` scikit-learn, `crowd-kit-…` crowd-kit, whose sources may be on
PYTHONPATH; the others need stable-baselines3, imitation, gymnasium
with MuJoCo, and PyTorch. The rest of the project needs none of them. Run it alternately with `node dist/bench/training.js`, `sac.js`, `bc.js`, `gail.js`, `mdp.js`, `envs.js` and `irl.js` on the
same core. Only the ratios are comparable between machines.
"""

import json
import sys
import tempfile
import time

import numpy as np

SEED = 0
SEPARATE = dict(net_arch=dict(pi=[64, 64], vf=[64, 64]))


def speed_of(model, warm_up: int, steps: int) -> float:
    """Environment steps per second of a model after `warm_up` steps of learning, in one thread."""
    import torch

    torch.set_num_threads(1)
    model.learn(warm_up)
    before, began = model.num_timesteps, time.perf_counter()
    model.learn(steps, reset_num_timesteps=False)
    return (model.num_timesteps - before) / (time.perf_counter() - began)


def ppo_cart_pole() -> float:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    model = PPO(
        "MlpPolicy",
        make_vec_env("CartPole-v1", n_envs=8, seed=SEED),
        n_steps=32,
        batch_size=256,
        n_epochs=20,
        gamma=0.98,
        gae_lambda=0.8,
        learning_rate=1e-3,
        policy_kwargs=SEPARATE,
        device="cpu",
        seed=SEED,
    )
    return speed_of(model, 256, 25_000)


def ppo_robot(env: str) -> float:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import VecNormalize

    vector = VecNormalize(make_vec_env(env, n_envs=1, seed=SEED))
    model = PPO("MlpPolicy", vector, n_steps=2048, batch_size=64, n_epochs=10, device="cpu", seed=SEED)
    return speed_of(model, 2048, 5 * 2048)


def sac_half_cheetah(size: int) -> float:
    import gymnasium
    from stable_baselines3 import SAC

    model = SAC(
        "MlpPolicy",
        gymnasium.make("HalfCheetah-v5"),
        learning_starts=600,
        batch_size=size,
        policy_kwargs=dict(net_arch=[size, size]),
        device="cpu",
        seed=SEED,
    )
    return speed_of(model, 700, 1500)


def sac_gradient_steps(size: int) -> float:
    """
    Gradient steps per second of processor time of the update of Stable-Baselines3's SAC (`SAC.train` of 2.5), written out
    in PyTorch for where that package is not installed: no environment, and no logging.
    """
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    observations, actions, rows = 17, 6, 10_000

    def network(inputs: int, *outputs: int) -> nn.Sequential:
        layers = [nn.Linear(inputs, size), nn.ReLU(), nn.Linear(size, size), nn.ReLU()]
        return nn.Sequential(*layers, *(nn.Linear(size, n) for n in outputs))

    latent, mean, log_std = network(observations), nn.Linear(size, actions), nn.Linear(size, actions)
    critics = nn.ModuleList(network(observations + actions, 1) for _ in range(2))
    targets = nn.ModuleList(network(observations + actions, 1) for _ in range(2))
    targets.load_state_dict(critics.state_dict())
    targets.requires_grad_(False)
    log_alpha = torch.zeros(1, requires_grad=True)
    of_actor = [*latent.parameters(), *mean.parameters(), *log_std.parameters()]
    actor_adam, critic_adam, alpha_adam = (
        torch.optim.Adam(parameters, lr=3e-4) for parameters in (of_actor, critics.parameters(), [log_alpha])
    )
    replay = {name: rng.standard_normal((rows, n)).astype(np.float32) for name, n in (("s", 17), ("a", 6), ("t", 17), ("r", 1))}
    ends = np.zeros((rows, 1), np.float32)

    def sample(states):
        hidden = latent(states)
        normal = torch.distributions.Normal(mean(hidden), log_std(hidden).clamp(-20, 2).exp())
        raw = normal.rsample()
        squashed = torch.tanh(raw)
        log_prob = normal.log_prob(raw).sum(1) - torch.log(1 - squashed**2 + 1e-6).sum(1)
        return squashed, log_prob.reshape(-1, 1)

    def values(networks, states, chosen):
        joined = torch.cat([states, chosen], 1)
        return [network(joined) for network in networks]

    def step():
        drawn = rng.integers(0, rows, size)
        s, a, t, r = (torch.tensor(replay[name][drawn]) for name in "satr")
        done = torch.tensor(ends[drawn])
        chosen, log_prob = sample(s)
        alpha = log_alpha.detach().exp()
        alpha_loss = -(log_alpha * (log_prob - actions).detach()).mean()
        alpha_adam.zero_grad()
        alpha_loss.backward()
        alpha_adam.step()
        with torch.no_grad():
            after, log_prob_after = sample(t)
            best = torch.cat(values(targets, t, after), 1).min(1, keepdim=True)[0]
            goal = r + (1 - done) * 0.99 * (best - alpha * log_prob_after)
        loss = 0.5 * sum(nn.functional.mse_loss(q, goal) for q in values(critics, s, a))
        critic_adam.zero_grad()
        loss.backward()
        critic_adam.step()
        worst = torch.cat(values(critics, s, chosen), 1).min(1, keepdim=True)[0]
        actor_loss = (alpha * log_prob - worst).mean()
        actor_adam.zero_grad()
        actor_loss.backward()
        actor_adam.step()
        with torch.no_grad():
            for target, parameter in zip(targets.parameters(), critics.parameters()):
                target.mul_(1 - 0.005).add_(parameter, alpha=0.005)

    for _ in range(20):
        step()
    rates = []
    for _ in range(9):
        began = time.process_time()
        for _ in range(10):
            step()
        rates.append(10 / (time.process_time() - began))
    return float(np.median(rates))


def silent():
    """A logger of the imitation library without output."""
    from imitation.util import logger

    return logger.configure(tempfile.mkdtemp(), [])


def demonstrations_of(steps: int):
    """State-action pairs of a random policy, as in bench/bc.ts."""
    import gymnasium
    from imitation.data.types import Transitions

    env = gymnasium.make("CartPole-v1")
    env.action_space.seed(SEED)
    state, _ = env.reset(seed=SEED)
    rows = []
    for _ in range(steps):
        action = env.action_space.sample()
        after, _, terminated, truncated, _ = env.step(action)
        rows.append((state, action, after, terminated))
        state = env.reset()[0] if terminated or truncated else after
    columns = [np.array(column) for column in zip(*rows)]
    return Transitions(
        obs=columns[0], acts=columns[1], infos=np.array([{}] * steps), next_obs=columns[2], dones=columns[3]
    )


def bc_cart_pole(batch: int) -> float:
    """State-action pairs per second of behaviour cloning."""
    import gymnasium
    import torch
    from imitation.algorithms.bc import BC
    from stable_baselines3.common.policies import ActorCriticPolicy

    torch.set_num_threads(1)
    env = gymnasium.make("CartPole-v1")
    policy = ActorCriticPolicy(
        env.observation_space, env.action_space, lambda _: 1e-3, activation_fn=torch.nn.Tanh, **SEPARATE
    )
    pairs = demonstrations_of(20_000)
    learner = BC(
        observation_space=env.observation_space,
        action_space=env.action_space,
        rng=np.random.default_rng(SEED),
        policy=policy,
        demonstrations=pairs,
        batch_size=batch,
        device="cpu",
        custom_logger=silent(),
    )
    quiet = dict(progress_bar=False, log_interval=10**9)
    learner.train(n_batches=50, **quiet)
    batches = 1000
    began = time.perf_counter()
    learner.train(n_batches=batches, **quiet)
    return batches * batch / (time.perf_counter() - began)


def gail_cart_pole() -> float:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from imitation.algorithms.adversarial.gail import GAIL
    from imitation.rewards.reward_nets import BasicRewardNet

    import torch

    torch.set_num_threads(1)
    vector = make_vec_env("CartPole-v1", n_envs=128, seed=SEED)
    steps = 16_384
    learner = PPO(
        "MlpPolicy",
        vector,
        n_steps=steps // 128,
        batch_size=64,
        n_epochs=5,
        gamma=0.99,
        gae_lambda=0.95,
        policy_kwargs=SEPARATE,
        device="cpu",
        seed=SEED,
    )
    trainer = GAIL(
        demonstrations=demonstrations_of(2000),
        demo_batch_size=1024,
        n_disc_updates_per_round=8,
        gen_train_timesteps=steps,
        gen_replay_buffer_capacity=steps,
        venv=vector,
        gen_algo=learner,
        reward_net=BasicRewardNet(vector.observation_space, vector.action_space),
        allow_variable_horizon=True,
        custom_logger=silent(),
    )
    trainer.train(steps)
    began = time.perf_counter()
    trainer.train(2 * steps)
    return 2 * steps / (time.perf_counter() - began)


def mce_irl_round() -> float:
    """Time (s) of a round of maximum causal entropy IRL on 1000 states with dense transitions: soft values and visits."""
    states, actions, horizon = 1000, 4, 100
    rng = np.random.default_rng(SEED)
    transitions = rng.random((states, actions, states))
    transitions /= transitions.sum(-1, keepdims=True)
    flat = transitions.reshape(states * actions, states)
    reward = rng.standard_normal((states, 1))
    started = time.perf_counter()
    values = np.zeros(states)
    policies = np.empty((horizon, states, actions))
    for step in reversed(range(horizon)):
        q = reward + (flat @ values).reshape(states, actions)
        top = q.max(-1, keepdims=True)
        values = (top + np.log(np.exp(q - top).sum(-1, keepdims=True)))[:, 0]
        policies[step] = np.exp(q - values[:, None])
    visits = np.full(states, 1 / states)
    total = visits.copy()
    for step in range(horizon - 1):
        visits = (visits[:, None] * policies[step]).reshape(-1) @ flat
        total += visits
    return time.perf_counter() - started


def cart_pole_vector() -> float:
    """Environment steps per second of processor time of Gymnasium's vector form of CartPole with 4096 environments."""
    import gymnasium

    count = 4096
    vector = gymnasium.make_vec("CartPole-v1", num_envs=count, vectorization_mode="vector_entry_point")
    vector.reset(seed=SEED)
    rng = np.random.default_rng(SEED)
    batches = [rng.integers(0, 2, count) for _ in range(16)]
    rates = []
    for _ in range(30):
        began = time.process_time()
        for actions in batches:
            vector.step(actions)
        rates.append(count * len(batches) / (time.process_time() - began))
    return float(np.median(rates))


def slippery(kind: str, side: int):
    """The field or the lake of bench/mdp.ts (with holes of its own): transitions `[4 × states, states]`, by actions, and rewards."""
    import scipy.sparse as sparse

    states = np.arange(side * side)
    goal = states[-1]
    ended = states == goal
    if kind == "lake":
        ended |= (np.random.default_rng(SEED).random(len(states)) < 0.1) & (states > 0)
    rows, columns, weights = [], [], []
    for action in range(4):
        for turn, weight in zip((0, 1, 3), (0.8, 0.1, 0.1) if kind == "field" else (1 / 3,) * 3):
            down, right = [(-1, 0), (0, 1), (1, 0), (0, -1)][(action + turn) % 4]
            row = np.clip(states // side + down, 0, side - 1)
            after = row * side + np.clip(states % side + right, 0, side - 1)
            rows.append(action * len(states) + states)
            columns.append(after)
            weights.append(np.where(ended, 0, weight))
    rows, columns, weights = map(np.concatenate, (rows, columns, weights))
    shape = (4 * len(states), len(states))
    moves = sparse.csr_matrix((weights, (rows, columns)), shape=shape)
    moves.eliminate_zeros()
    if kind == "field":
        return moves, np.where(ended, 0.0, -1.0) * np.ones((4, 1))
    return moves, np.asarray(moves[:, goal].todense()).reshape(4, -1)


def value_iteration(kind: str, side: int, discount: float) -> float:
    """Processor time (s) of plain sweeps to the tolerance of `valueIteration`: 1e-10 of the largest possible value."""
    moves, reward = slippery(kind, side)
    allowed = 1e-10 * np.abs(reward).max() / (2 * discount)
    times = []
    for _ in range(3):
        began = time.process_time()
        values = np.zeros(side * side)
        change = np.inf
        while change > allowed:
            after = (reward + discount * (moves @ values).reshape(4, -1)).max(0)
            change = np.abs(after - values).max()
            values = after
        times.append(time.process_time() - began)
    return float(np.median(times))


def active_digits() -> float:
    """Processor time (ms) of active learning on digits by margin: 15 fits to 10, 20 … 150 labels, 600 digits of test."""
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(y))
    x, y = x[order], y[order]
    test, pool = np.arange(600), np.arange(600, len(y))
    times = []
    for _ in range(4):
        began = time.process_time()
        mean, deviation = x[pool].mean(0), x[pool].std(0)
        z = (x - mean) / np.where(deviation > 0, deviation, 1)
        chosen = [next(i for i in pool if y[i] == k) for k in range(10)]
        while True:
            # λ/2 ‖θ‖² beside the mean loss, as in softmax regression here.
            model = LogisticRegression(C=1 / (0.01 * len(chosen)), max_iter=200).fit(z[chosen], y[chosen])
            model.score(z[test], y[test])
            if len(chosen) == 150:
                break
            rest = np.setdiff1d(pool, chosen)
            p = np.sort(model.predict_proba(z[rest]), axis=1)
            chosen += list(rest[np.argsort(p[:, -1] - p[:, -2])[:10]])
        times.append(1000 * (time.process_time() - began))
    return float(np.median(times[1:]))


def crowd(items: int, classes: int):
    """The labels of bench/crowds.ts, and the truth."""
    import pandas

    def hashed(n, stream):
        x = np.asarray(n).astype(np.uint32) * np.uint32(0x9E3779B1) + np.uint32(stream * 0x85EBCA77 % 2**32)
        x = (x ^ (x >> 16)) * np.uint32(0x7FEB352D)
        x = (x ^ (x >> 15)) * np.uint32(0x846CA68B)
        return (x ^ (x >> 16)) / 2**32

    n = np.arange(5 * items)
    truth = np.floor(classes * hashed(np.arange(items), 1)).astype(int)
    right = truth[n // 5]
    worker = np.floor(1000 * hashed(n, 2)).astype(int)
    wrong = np.floor((classes - 1) * hashed(n, 3)).astype(int)
    wrong += wrong >= right
    label = np.where(hashed(n, 5) < 0.5 + 0.4 * hashed(worker, 4), right, wrong)
    return pandas.DataFrame({"task": n // 5, "worker": worker, "label": label}), truth


def crowd_kit(model: str, items: int, classes: int, **options) -> float:
    """Processor time (s) of a fit of crowd-kit's aggregators of classes, and the share of right labels."""
    import importlib
    import types
    import warnings

    import crowdkit

    warnings.simplefilter("ignore")
    # Without the aggregators of texts and images, which need packages of their own.
    package = types.ModuleType("crowdkit.aggregation")
    package.__path__ = [f"{crowdkit.__path__[0]}/aggregation"]
    sys.modules.setdefault("crowdkit.aggregation", package)
    module = importlib.import_module("crowdkit.aggregation.classification")
    answers, truth = crowd(items, classes)
    began = time.process_time()
    labels = getattr(module, model)(**options).fit_predict(answers)
    taken = time.process_time() - began
    notes["rightLabels"] = float((labels.sort_index().to_numpy() == truth).mean())
    return taken


# What a task says beside its value.
notes = {}

TASKS = {
    "ppo-cartpole": (ppo_cart_pole, "steps/s"),
    "ppo-hopper": (lambda: ppo_robot("Hopper-v5"), "steps/s"),
    "ppo-halfcheetah": (lambda: ppo_robot("HalfCheetah-v5"), "steps/s"),
    "sac-128": (lambda: sac_half_cheetah(128), "steps/s"),
    "sac-256": (lambda: sac_half_cheetah(256), "steps/s"),
    "sac-256-gradient-steps": (lambda: sac_gradient_steps(256), "steps/s"),
    "bc-32": (lambda: bc_cart_pole(32), "samples/s"),
    "bc-256": (lambda: bc_cart_pole(256), "samples/s"),
    "gail-cartpole": (gail_cart_pole, "steps/s"),
    "mce-irl-round": (mce_irl_round, "s"),
    "cartpole-vector": (cart_pole_vector, "steps/s"),
    "active-digits": (active_digits, "ms of processor time"),
    "crowd-kit-glad-4": (
        lambda: crowd_kit("GLAD", 10_000, 4, n_iter=2, tol=-np.inf),
        "s of processor time",
    ),
    **{
        f"crowd-kit-{name}-{classes}": (
            lambda case=(model, 200_000, classes), options=options: crowd_kit(*case, **options),
            "s of processor time",
        )
        for classes in (2, 4, 10)
        for name, model, options in (
            ("majority-vote", "MajorityVote", {}),
            ("dawid-skene", "DawidSkene", {"n_iter": 20, "tol": -np.inf}),
        )
    },
    **{
        f"value-iteration-{kind}-{side}-{discount}": (lambda case=(kind, side, discount): value_iteration(*case), "s")
        for kind in ("field", "lake")
        for side in (50, 100, 200)
        for discount in (0.9, 0.99)
    },
}

PACKAGES = ("numpy", "scipy", "gymnasium", "torch", "stable_baselines3", "imitation", "sklearn", "pandas", "crowdkit")


def versions() -> dict:
    """The versions of the packages that a task has loaded."""
    return {name: sys.modules[name].__version__ for name in PACKAGES if name in sys.modules}


unknown = [name for name in sys.argv[1:] if name not in TASKS]
if unknown:
    sys.exit(f'unknown task "{unknown[0]}"; known tasks: {", ".join(TASKS)}')
for name in sys.argv[1:] or TASKS:
    task, unit = TASKS[name]
    notes.clear()
    value = float(f"{task():.3g}")
    print(json.dumps({"name": name, "value": value, "unit": unit, **notes, "versions": versions()}), flush=True)
