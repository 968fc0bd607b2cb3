"""Serves N Gymnasium environments over two pipes: it reads frames from standard input and writes frames to standard output.

A frame is a little-endian header of two uint32 (bytes of the payload, kind) and the payload. The first frame comes from
the client and names the environment; the answer describes its spaces. src/python/protocol.ts is the client side, and
PROTOCOL must be the same in both.
"""

import json
import os
import platform
import signal
import struct
import sys
import traceback

PROTOCOL = 1
HELLO, RESET, STEP, CLOSE, ERROR = range(5)

# Output that an environment prints goes to standard error, so that it does not mix with the frames.
frames_in = os.fdopen(os.dup(0), "rb")
frames_out = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
# Ctrl-C reaches the whole process group. This process ignores it and ends when the client closes the connection.
signal.signal(signal.SIGINT, signal.SIG_IGN)


def receive():
    header = frames_in.read(8)
    if len(header) < 8:
        sys.exit(0)
    length, kind = struct.unpack("<II", header)
    payload = frames_in.read(length)
    if len(payload) < length:
        sys.exit(0)
    return kind, payload


def send(kind, *parts):
    frames_out.write(struct.pack("<II", sum(len(part) for part in parts), kind))
    for part in parts:
        frames_out.write(part)
    frames_out.flush()


def send_json(kind, value):
    send(kind, json.dumps(value, allow_nan=False).encode())


def fail(message):
    send_json(ERROR, {"message": message, "traceback": traceback.format_exc()})
    sys.exit(1)


try:
    import numpy
except ImportError:
    fail("no-numpy")
try:
    import gymnasium
    from gymnasium import spaces
except ImportError as error:
    fail(f"no-gymnasium: {error}")


def finite_or_none(values):
    return [float(x) if numpy.isfinite(x) else None for x in numpy.ravel(values)]


def describe(space):
    if isinstance(space, spaces.Box):
        low, high = finite_or_none(space.low), finite_or_none(space.high)
        return {"kind": "box", "shape": list(space.shape), "low": low, "high": high}
    if isinstance(space, spaces.Discrete):
        return {"kind": "discrete", "n": int(space.n)}
    if isinstance(space, spaces.MultiDiscrete) and space.nvec.ndim == 1:
        return {"kind": "multi-discrete", "sizes": [int(n) for n in space.nvec]}
    if isinstance(space, spaces.MultiBinary) and len(space.shape) == 1:
        return {"kind": "multi-binary", "n": int(space.shape[0])}
    if isinstance(space, spaces.Dict):
        return {"kind": "dict", "spaces": {key: describe(part) for key, part in space.spaces.items()}}
    if isinstance(space, spaces.Tuple):
        return {"kind": "tuple", "spaces": [describe(part) for part in space.spaces]}
    raise TypeError(f"the space {space} is not supported")


def width(space):
    if isinstance(space, spaces.Discrete):
        return 1
    if isinstance(space, spaces.Dict):
        return sum(width(part) for part in space.spaces.values())
    if isinstance(space, spaces.Tuple):
        return sum(width(part) for part in space.spaces)
    return int(numpy.prod(space.shape))


def flatten_into(space, value, row):
    """Writes a value of the space into a float64 row; discrete values are counted from 0."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        items = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces)
        at = 0
        for key, part in items:
            end = at + width(part)
            flatten_into(part, value[key], row[at:end])
            at = end
    elif isinstance(space, (spaces.Discrete, spaces.MultiDiscrete)):
        row[:] = numpy.ravel(value) - space.start
    else:
        row[:] = numpy.ravel(value)


def unflatten(space, row):
    """Converts a float64 row to an action of the environment."""
    if isinstance(space, spaces.Discrete):
        return int(row[0]) + int(space.start)
    if isinstance(space, spaces.MultiDiscrete):
        return row.astype(space.dtype) + space.start
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts, at = [], 0
        for part in space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces:
            end = at + width(part)
            parts.append(unflatten(part, row[at:end]))
            at = end
        return dict(zip(space.spaces, parts)) if isinstance(space, spaces.Dict) else tuple(parts)
    return row.astype(space.dtype).reshape(space.shape)


def plain(value):
    """The entries of an info dictionary that can be written as JSON."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, numpy.ndarray):
        return plain(value.tolist())
    if isinstance(value, numpy.generic):
        return plain(value.item())
    if isinstance(value, float) and not numpy.isfinite(value):
        return None
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)


def serve():
    kind, payload = receive()
    wanted = json.loads(payload)
    if kind != HELLO or wanted.get("protocol") != PROTOCOL:
        fail(f"protocol: the bridge has version {PROTOCOL}, the client version {wanted.get('protocol')}")
    for module in wanted["modules"]:
        __import__(module)
    count, single = wanted["count"], wanted["single"]
    environments = [gymnasium.make(wanted["id"], **wanted["options"]) for _ in range(count)]
    first = environments[0]
    send_json(
        HELLO,
        {
            "protocol": PROTOCOL,
            "python": platform.python_version(),
            "gymnasium": gymnasium.__version__,
            "observationSpace": describe(first.observation_space),
            "actionSpace": describe(first.action_space),
            "maxEpisodeSteps": first.spec.max_episode_steps if first.spec else None,
        },
    )
    actions_in, observations_in = first.action_space, first.observation_space
    action_width, observation_width = width(actions_in), width(observations_in)
    observations = numpy.zeros((count, observation_width))
    finals = numpy.zeros((count, observation_width))
    rewards = numpy.zeros(count)
    flags = numpy.zeros((2, count), dtype=numpy.uint8)

    def answer(kind, info):
        # Only single environments request info dictionaries.
        text = json.dumps(plain(info), allow_nan=False).encode() if single and info else b""
        send(kind, rewards.tobytes(), observations.tobytes(), finals.tobytes(), flags.tobytes(), text)

    while True:
        kind, payload = receive()
        info = {}
        if kind == RESET:
            asked = json.loads(payload)
            for i, environment in enumerate(environments):
                seed = asked["seeds"][i] if asked["seeds"] else None
                observation, info = environment.reset(seed=seed, options=asked["options"])
                flatten_into(observations_in, observation, observations[i])
            flags[:] = 0
            answer(RESET, info)
        elif kind == STEP:
            actions = numpy.frombuffer(payload, dtype="<f8").reshape(count, action_width)
            for i, environment in enumerate(environments):
                observation, reward, terminated, truncated, info = environment.step(
                    unflatten(actions_in, actions[i])
                )
                rewards[i] = reward
                flags[0, i], flags[1, i] = terminated, truncated and not terminated
                if (terminated or truncated) and not single:
                    flatten_into(observations_in, observation, finals[i])
                    observation, _ = environment.reset()
                flatten_into(observations_in, observation, observations[i])
            answer(STEP, info)
        else:
            for environment in environments:
                environment.close()
            sys.exit(0)


try:
    serve()
except Exception as error:
    fail(f"{type(error).__name__}: {error}")
