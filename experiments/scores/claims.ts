/** @file Target scores of algorithms and environments, and published scores for comparison. */

export interface Claim {
  algorithm: string;
  env: string;
  seeds: number;
  /** Target of the score over seeds: the interquartile mean of at least five, the mean of fewer. */
  atLeast: number;
  /** Return in benchmark.md of rl-baselines3-zoo: one run, in older versions of the MuJoCo environments. */
  published?: number;
}

/** The claims, for the tuned settings and numbers of steps in `algorithms/tuned/`. */
export const claims: readonly Claim[] = [
  { algorithm: "ppo", env: "CartPole-v1", seeds: 10, atLeast: 500, published: 500 },
  { algorithm: "a2c", env: "CartPole-v1", seeds: 10, atLeast: 475, published: 500 },
  { algorithm: "dqn", env: "CartPole-v1", seeds: 10, atLeast: 475, published: 500 },
  { algorithm: "ppo", env: "Acrobot-v1", seeds: 10, atLeast: -90, published: -73.5 },
  { algorithm: "ppo", env: "MountainCarContinuous-v0", seeds: 10, atLeast: 90, published: 88.3 },
  { algorithm: "ppo", env: "Pendulum-v1", seeds: 10, atLeast: -200, published: -172.2 },
  { algorithm: "sac", env: "Pendulum-v1", seeds: 10, atLeast: -170, published: -157 },
  { algorithm: "ppo", env: "InvertedPendulum-v5", seeds: 5, atLeast: 950 },
  { algorithm: "sac", env: "Reacher-v5", seeds: 3, atLeast: -5 },
  { algorithm: "ppo", env: "Swimmer-v5", seeds: 3, atLeast: 200, published: 281.6 },
  { algorithm: "ppo", env: "Hopper-v5", seeds: 3, atLeast: 2300, published: 2410 },
  { algorithm: "sac", env: "Hopper-v5", seeds: 3, atLeast: 2300, published: 2325 },
  { algorithm: "ppo", env: "HalfCheetah-v5", seeds: 3, atLeast: 3000, published: 5819 },
  { algorithm: "sac", env: "HalfCheetah-v5", seeds: 3, atLeast: 8000, published: 9535 },
  { algorithm: "ppo", env: "Walker2d-v5", seeds: 3, atLeast: 2500, published: 3479 },
  { algorithm: "sac", env: "Ant-v5", seeds: 3, atLeast: 3500, published: 4616 },
];
