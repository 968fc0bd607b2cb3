/** @file What the experts must reach, and what others have published for the same algorithm and task. */

export interface Claim {
  algorithm: string;
  env: string;
  seeds: number;
  /** Return that the interquartile mean over seeds must reach. */
  atLeast: number;
  /** What rl-baselines3-zoo reports in its benchmark.md: one run, older versions of the MuJoCo tasks. */
  published?: number;
}

/** Trained with the tuned settings and for the tuned number of steps, see `algorithms/tuned/`. */
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
