/**
 * @file The MuJoCo families of the comparison, with the settings of algorithms/tuned. The contact forces of ants and
 * humanoids are left out of observations: they were 0 in the simulator of the papers, and are 78 of 107 numbers here. The
 * bodies of hoppers and walkers are scaled by normal factors, and their steps are 16 ms, as in MILET's published code.
 * AntGoal-v0 has a million frames; the others have 300 000, so that each gets a result in the time that there is.
 */

import { FULL } from "../../envs/mujoco/tasks/tabletop.js";
import { KINDS } from "../../envs/mujoco/tasks/tabletop-tasks.js";
import { ABLATIONS, COUNTS, OTHERS, type World } from "./world.js";

const METHODS = ["milet", "varibad", "rl2", "oracle"];

/** A family of robots: two episodes in a trial, 500 training tasks and 32 test tasks. */
const robot = (
  own: Pick<World, "title" | "env" | "traced" | "clusters" | "success"> &
    Partial<Pick<World, "environmentOptions" | "methods" | "frames">>,
): World => ({
  environmentOptions: {},
  train: 500,
  test: 32,
  trialEnd: "bootstrap",
  frames: 300_000,
  methods: METHODS,
  ...own,
  comparesNoAction: true,
  references: () => [],
});

const noContacts = { includeCfrcExtInObservation: false };

export const robots: Record<string, World> = {
  "ant-goal": robot({
    title: "AntGoal-v0, goals on a circle in four clusters",
    env: "AntGoal-v0",
    environmentOptions: noContacts,
    frames: 1_000_000,
    methods: [...METHODS, ...COUNTS, ...ABLATIONS, ...OTHERS],
    traced: true,
  }),
  "ant-u": robot({
    title: "AntU-v0, goals on a circle",
    env: "AntU-v0",
    environmentOptions: noContacts,
    methods: ["milet", "varibad", "rl2"],
    traced: true,
  }),
  hopper: robot({
    title: "HopperRandParams-v0, factors N(3, 1.5)",
    env: "HopperRandParams-v0",
    methods: [...METHODS, ...ABLATIONS, ...OTHERS],
    environmentOptions: { frameSkip: 8, factors: { mean: 3, std: 1.5 } },
  }),
  walker: robot({
    title: "WalkerRandParams-v0, factors N(6, 1)",
    env: "WalkerRandParams-v0",
    environmentOptions: { frameSkip: 8, factors: { mean: 6, std: 1 } },
  }),
  humanoid: robot({
    title: "HumanoidDir-v0, directions in four clusters",
    env: "HumanoidDir-v0",
    environmentOptions: noContacts,
  }),
  tabletop: robot({
    title: "Tabletop-v0, six kinds of tasks",
    env: "Tabletop-v0",
    clusters: KINDS.length,
    success: { reward: FULL, kinds: KINDS },
  }),
};
