/** @file Creates, resets and steps N Gymnasium environments in one Python process, over a {@link Channel}. */

import { UsageError } from "../errors.js";
import { type Space, spaceWidth } from "../spaces/index.js";
import { Channel, FRAME, type Frame } from "./channel.js";

/** The version of the protocol; must equal the number in python/bridge.py, so that mixed installations are refused. */
const PROTOCOL = 3;

export interface GymnasiumOptions {
  /**
   * The Python command: a name or a path, for example of a virtual environment. Default: the environment variable
   * UNDERSTUDY_PYTHON, else python3.
   */
  python?: string;
  /** Keyword arguments of `gymnasium.make`. */
  options?: Record<string, unknown>;
  /** Python modules to import first, because they register environments. */
  modules?: string[];
  /**
   * Whether the mask of actions in `info` (`action_mask`) becomes the part `actionMask` of observations, so that policies
   * take allowed actions alone. Default: where the first reset has one.
   */
  actionMask?: boolean;
}

interface Hello {
  python: string;
  gymnasium: string;
  observationSpace: Space;
  actionSpace: Space;
  maxEpisodeSteps: number | null;
  /** The option `render_mode`. */
  renderMode: string | null;
}

export class Bridge {
  readonly hello: Hello;
  /** `[N]`. All arrays are views that every call overwrites. */
  readonly rewards: Float64Array;
  /** `[N, width]` */
  readonly observations: Float64Array;
  readonly finalObservations: Float64Array;
  /** `[N]`, 0 or 1. */
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** The `info` of the last call; single environments only. */
  info: Record<string, unknown> = {};
  private readonly channel: Channel;
  private readonly answer: Uint8Array;

  /**
   * @param single one environment, which returns `info` and is reset by the caller; else N with same-step autoreset.
   * @throws UsageError when Python, Gymnasium or the environment is not available; the message names it.
   */
  constructor(
    readonly id: string,
    readonly count: number,
    single: boolean,
    {
      python = process.env.UNDERSTUDY_PYTHON ?? "python3",
      options = {},
      modules = [],
      actionMask,
    }: GymnasiumOptions,
  ) {
    this.channel = Channel.open(python);
    try {
      const asked = { id, count, single, options, modules, actionMask: actionMask ?? null };
      this.channel.send(FRAME.hello, json({ protocol: PROTOCOL, ...asked }));
      this.hello = helloFrom(this.receive(FRAME.hello, python));
    } catch (error) {
      this.channel.close();
      throw error;
    }
    const width = spaceWidth(this.hello.observationSpace);
    const floats = count * (1 + 2 * width);
    this.answer = new Uint8Array(8 * floats + 2 * count);
    const { buffer } = this.answer;
    this.rewards = new Float64Array(buffer, 0, count);
    this.observations = new Float64Array(buffer, 8 * count, count * width);
    this.finalObservations = new Float64Array(buffer, 8 * count * (1 + width), count * width);
    this.terminated = new Uint8Array(buffer, 8 * floats, count);
    this.truncated = new Uint8Array(buffer, 8 * floats + count, count);
  }

  reset(seeds: number[] | undefined, options: Record<string, unknown> | undefined): void {
    this.channel.send(FRAME.reset, json({ seeds: seeds ?? null, options: options ?? null }));
    this.take(this.receive(FRAME.reset));
  }

  /** @param actions `[N, width]` */
  step(actions: Float64Array): void {
    this.channel.send(FRAME.step, new Uint8Array(actions.buffer, actions.byteOffset, actions.byteLength));
    this.take(this.receive(FRAME.step));
  }

  /** The picture of the first environment: the bytes of a PNG file, or of a text, by the option `render_mode`. */
  render(): Uint8Array {
    this.channel.send(FRAME.render, new Uint8Array());
    return this.receive(FRAME.render);
  }

  close(): void {
    this.channel.close();
  }

  private take(payload: Uint8Array): void {
    const { length } = this.answer;
    this.answer.set(payload.subarray(0, length));
    this.info = payload.length > length ? parse(payload.subarray(length)) : {};
  }

  private receive(wanted: number, python?: string): Uint8Array {
    const { kind, payload }: Frame = this.channel.receive();
    if (kind === wanted) return payload;
    const { message = `an answer of kind ${kind}`, traceback = "" } =
      kind === FRAME.error ? parse(payload) : {};
    this.channel.close();
    throw failure(this.id, String(message), String(traceback), python);
  }
}

/** Converts an error of the script. Errors during the creation of environments are mostly usage errors. */
function failure(id: string, message: string, traceback: string, python?: string): Error {
  if (message === "no-numpy" || message.startsWith("no-gymnasium")) {
    const missing = message === "no-numpy" ? "numpy" : "gymnasium";
    return new UsageError(
      `${python} has no ${missing} package: run ${python} -m pip install ${missing}, or use another Python with it ` +
        `as { python: "/path/to/python3" } or in UNDERSTUDY_PYTHON`,
    );
  }
  if (python !== undefined) return new UsageError(`Gymnasium cannot make ${id}: ${message}`);
  return new Error(`${id}, in Python: ${message}\n${traceback}`.trim());
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const parse = (bytes: Uint8Array): Record<string, unknown> => JSON.parse(new TextDecoder().decode(bytes));

function helloFrom(payload: Uint8Array): Hello {
  const hello = parse(payload) as unknown as Hello & { protocol: number };
  if (hello.protocol !== PROTOCOL) {
    throw new UsageError(
      `the bridge's script uses protocol ${hello.protocol}, not ${PROTOCOL}: reinstall understudy-rl, because the ` +
        "installation mixes two versions",
    );
  }
  return {
    ...hello,
    observationSpace: withInfinities(hello.observationSpace),
    actionSpace: withInfinities(hello.actionSpace),
  };
}

/** Replaces missing bounds by infinities, which JSON cannot represent. */
function withInfinities(space: Space): Space {
  switch (space.kind) {
    case "box":
      return {
        ...space,
        low: space.low.map((bound) => bound ?? -Infinity),
        high: space.high.map((bound) => bound ?? Infinity),
      };
    case "dict": {
      const parts = Object.entries(space.spaces).map(([name, part]) => [name, withInfinities(part)]);
      return { ...space, spaces: Object.fromEntries(parts) };
    }
    case "tuple":
      return { ...space, spaces: space.spaces.map(withInfinities) };
    default:
      return space;
  }
}
