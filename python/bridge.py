"""Serves N Gymnasium environments over two pipes: it reads frames from standard input and writes frames to standard output.

A frame is a little-endian header of two uint32 (bytes of the payload, kind) and the payload. The first frame comes from
the client and names the environment; the answer describes its spaces. src/python/bridge.ts is the client side, and
PROTOCOL must be the same in both.
"""

import json
import os
import platform
import signal
import struct
import sys
import threading
import time
import traceback
import zlib
from collections import OrderedDict

PROTOCOL = 3
HELLO, RESET, STEP, CLOSE, ERROR, RENDER = range(6)
# The largest finite 32-bit float: the client keeps observations in 32 bits.
LARGEST = 3.4028234663852886e38

# Output that an environment prints goes to standard error, so that it does not mix with the frames.
frames_in = os.fdopen(os.dup(0), "rb")
frames_out = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
# Ctrl-C reaches the whole process group. This process ignores it and ends when the client closes the connection.
signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_with(parent):
    """Ends this process with its client, also while an environment hangs."""
    try:  # Linux: by the kernel, also while native code holds the interpreter's lock.
        import ctypes

        PR_SET_PDEATHSIG = 1
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    except (ImportError, AttributeError, OSError):
        pass
    while os.getppid() == parent:
        time.sleep(0.25)
    os._exit(0)


threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()


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


class BadValue(Exception):
    """A value of the environment that is not what its spaces declare. The message says all; no traceback is needed."""


def send_json(kind, value):
    send(kind, json.dumps(value, allow_nan=False).encode())


def fail(message, trace=None):
    send_json(ERROR, {"message": message, "traceback": traceback.format_exc() if trace is None else trace})
    sys.exit(1)


# Modules beside the user's own programs are found, after all installed ones.
sys.path.append(os.getcwd())
try:
    import numpy
except ImportError:
    fail("no-numpy")
try:
    import gymnasium
    from gymnasium import spaces
except ImportError as error:
    fail(f"no-gymnasium: {error}")


def parts_of(space):
    """The (key, part) pairs of a Dict or Tuple in the order of the client, a JavaScript program: in its objects whole
    numbers come first, in ascending order, and the other keys in the order of insertion."""
    if isinstance(space, spaces.Tuple):
        return list(enumerate(space.spaces))
    items = list(space.spaces.items())
    if len({str(key) for key, _ in items}) < len(items):
        raise TypeError(f"two keys of the space {space} are equal as text")
    return sorted(items, key=lambda item: (0, int(item[0])) if is_index(str(item[0])) else (1, 0))


def is_index(key):
    """Whether JavaScript orders a key as a number: a canonical decimal below 2³² − 1."""
    return key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < 2**32 - 1


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
        return {"kind": "dict", "spaces": {str(key): describe(part) for key, part in parts_of(space)}}
    if isinstance(space, spaces.Tuple):
        return {"kind": "tuple", "spaces": [describe(part) for part in space.spaces]}
    raise TypeError(f"the space {space} is not supported")


def width(space):
    if isinstance(space, spaces.Discrete):
        return 1
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        return sum(width(part) for _, part in parts_of(space))
    return int(numpy.prod(space.shape))


def flatten_into(space, value, row, name="the observation"):
    """Writes a value of the space into a float64 row; discrete values are counted from 0. Raises BadValue for a value of
    another shape or type, a number that is not finite as a 32-bit float, and a whole number outside its range."""
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        at = 0
        for key, part in parts_of(space):
            end = at + width(part)
            try:
                entry = value[key]
            except (KeyError, IndexError, TypeError):
                raise BadValue(f"{name} has no part {key!r}") from None
            flatten_into(part, entry, row[at:end], f"{name}[{key!r}]")
            at = end
        return
    try:
        numbers = numpy.ravel(numpy.asarray(value, dtype=numpy.float64))
    except (TypeError, ValueError):
        raise BadValue(f"{name} is {value!r:.80}, not numbers") from None
    if numbers.size != row.size:
        raise BadValue(f"{name} has {numbers.size} entries, not {row.size}")
    bad = numpy.flatnonzero(~(numpy.abs(numbers) <= LARGEST))
    if bad.size > 0:
        raise BadValue(f"entry {bad[0]} of {name} is {numbers[bad[0]]}, not a finite number of 32 bits")
    if isinstance(space, spaces.Box):
        row[:] = numbers
        return
    start = getattr(space, "start", 0)
    sizes = 2 if isinstance(space, spaces.MultiBinary) else space.n if isinstance(space, spaces.Discrete) else space.nvec
    bad = numpy.flatnonzero((numbers != numpy.floor(numbers)) | (numbers < start) | (numbers >= start + numpy.ravel(sizes)))
    if bad.size > 0:
        raise BadValue(f"entry {bad[0]} of {name} is {numbers[bad[0]]}, not an integer in the range of {space}")
    row[:] = numbers - start


def reward_of(reward):
    try:
        number = float(reward)
    except (TypeError, ValueError):
        raise BadValue(f"the reward is {reward!r:.80}, not a number") from None
    if not numpy.isfinite(number):
        raise BadValue(f"the reward is {number}, not a finite number")
    return number


def unflatten(space, row):
    """Converts a float64 row to an action of the environment."""
    if isinstance(space, spaces.Discrete):
        return int(row[0]) + int(space.start)
    if isinstance(space, spaces.MultiDiscrete):
        return row.astype(space.dtype) + space.start
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts, at = [], 0
        for key, part in parts_of(space):
            end = at + width(part)
            parts.append((key, unflatten(part, row[at:end])))
            at = end
        return dict(parts) if isinstance(space, spaces.Dict) else tuple(part for _, part in parts)
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


MASKS = "actionMask", "action_mask"


def has_mask(environment):
    """Whether the info of a first reset has an action mask. A reset that fails does so again for the client."""
    try:
        _, info = environment.reset()
    except Exception:
        return False
    return any(name in info for name in MASKS)


class Masked:
    """An environment with the action mask of its info in its observations: a part actionMask more of a Dict, or beside a
    part observation. At the end of an episode the mask may be left out."""

    def __init__(self, environment):
        self.environment, self.spec = environment, environment.spec
        self.action_space = environment.action_space
        if isinstance(self.action_space, spaces.Discrete):
            self.choices = [int(self.action_space.n)]
        elif isinstance(self.action_space, spaces.MultiDiscrete):
            self.choices = [int(n) for n in numpy.ravel(self.action_space.nvec)]
        else:
            raise TypeError(f"actions in {self.action_space} cannot be masked: they must be discrete or multi-discrete")
        own = environment.observation_space
        self.parts = dict(own.spaces) if isinstance(own, spaces.Dict) else None
        self.mask = spaces.MultiBinary(sum(self.choices))
        parts = {"observation": own} if self.parts is None else self.parts
        # Gymnasium sorts the keys of a plain dict.
        self.observation_space = spaces.Dict(OrderedDict([*parts.items(), ("actionMask", self.mask)]))

    def shown(self, observation, info, ended):
        given = next((info[name] for name in MASKS if name in info), None)
        if given is None and not ended:
            raise BadValue(
                "info has no action_mask; give one at every reset and step, or set the option actionMask to false"
            )
        mask = numpy.ones(self.mask.n) if given is None else numpy.concatenate([numpy.ravel(part) for part in given])
        ends = numpy.cumsum(self.choices)
        if not ended and mask.size == ends[-1] and not all(part.any() for part in numpy.split(mask, ends[:-1])):
            raise BadValue("the action mask in info allows nothing, and the episode has not ended")
        return {**({"observation": observation} if self.parts is None else observation), "actionMask": mask}

    def reset(self, **options):
        observation, info = self.environment.reset(**options)
        return self.shown(observation, info, False), info

    def step(self, action):
        observation, reward, terminated, truncated, info = self.environment.step(action)
        return self.shown(observation, info, terminated), reward, terminated, truncated, info

    def render(self):
        return self.environment.render()

    def close(self):
        self.environment.close()


def png(picture):
    """An array [height, width, 3] of uint8 as a PNG file [ISO/IEC 15948]."""
    picture = numpy.asarray(picture)
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != numpy.uint8:
        given = f"an array of shape {picture.shape} and {picture.dtype}"
        raise BadValue(f"render() returned {given}, not [height, width, 3] of uint8")

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, columns = picture.shape[:2]
    # Each row starts with its filter: 0, none.
    rows = numpy.zeros((height, 1 + 3 * columns), dtype=numpy.uint8)
    rows[:, 1:] = picture.reshape(height, -1)
    header = struct.pack(">IIBBBBB", columns, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows.tobytes())), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def serve():
    kind, payload = receive()
    wanted = json.loads(payload)
    if kind != HELLO or wanted.get("protocol") != PROTOCOL:
        fail(f"protocol: the bridge has version {PROTOCOL}, the client version {wanted.get('protocol')}")
    for module in wanted["modules"]:
        __import__(module)
    count, single = wanted["count"], wanted["single"]
    environments = [gymnasium.make(wanted["id"], **wanted["options"]) for _ in range(count)]
    asked = wanted["actionMask"]
    if has_mask(environments[0]) if asked is None else asked:
        environments = [Masked(environment) for environment in environments]
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
            "renderMode": wanted["options"].get("render_mode"),
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
                rewards[i] = reward_of(reward)
                flags[0, i], flags[1, i] = terminated, truncated and not terminated
                if (terminated or truncated) and not single:
                    flatten_into(observations_in, observation, finals[i])
                    observation, _ = environment.reset()
                flatten_into(observations_in, observation, observations[i])
            answer(STEP, info)
        elif kind == RENDER:
            picture = environments[0].render()
            send(RENDER, picture.encode() if isinstance(picture, str) else png(picture))
        else:
            for environment in environments:
                environment.close()
            sys.exit(0)


try:
    serve()
except BadValue as error:
    fail(str(error), "")
except Exception as error:
    fail(f"{type(error).__name__}: {error}")
