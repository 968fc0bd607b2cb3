"""A stand-in for Gymnasium with what the bridge asks for, so that its tests need only Python and numpy."""

from types import SimpleNamespace

import numpy

__version__ = "stand-in"
registry = {}


class Env:
    def render(self):
        pass

    def close(self):
        pass


class Space:
    shape, dtype, start = (), numpy.dtype("int64"), 0

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(str, vars(self).values()))})"


class Box(Space):
    def __init__(self, low, high, shape):
        self.low, self.high = numpy.full(shape, low, "float32"), numpy.full(shape, high, "float32")
        self.shape, self.dtype = shape, numpy.dtype("float32")


class Discrete(Space):
    def __init__(self, n, start=0):
        self.n, self.start = n, start


class MultiDiscrete(Space):
    def __init__(self, nvec):
        self.nvec = numpy.array(nvec)
        self.shape, self.start = self.nvec.shape, numpy.zeros_like(self.nvec)


class MultiBinary(Space):
    def __init__(self, n):
        self.n, self.shape = n, (n,)


class Dict(Space):
    def __init__(self, spaces):
        self.spaces = spaces


class Tuple(Space):
    def __init__(self, spaces):
        self.spaces = tuple(spaces)


class Text(Space):
    pass


spaces = SimpleNamespace(
    Box=Box, Discrete=Discrete, MultiDiscrete=MultiDiscrete, MultiBinary=MultiBinary, Dict=Dict, Tuple=Tuple, Text=Text
)


def register(id, entry, max_episode_steps=None, **_):
    registry[id] = entry, max_episode_steps


def make(id, **options):
    entry, limit = registry[id]
    environment = entry(**options)
    environment.spec = SimpleNamespace(max_episode_steps=limit)
    return environment
