/** @file The training recipes of the expert zoo. */

export interface Recipe {
  /** Settings and steps are those tuned for the environment, so `understudy-rl train` without options gives the same. */
  algorithm: "ppo" | "sac";
  seed: number;
}

/** Recipes by environment. */
export const recipes: Record<string, Recipe> = {
  "CartPole-v1": { algorithm: "ppo", seed: 0 },
  "Acrobot-v1": { algorithm: "ppo", seed: 6 },
  "MountainCarContinuous-v0": { algorithm: "ppo", seed: 0 },
  "Pendulum-v1": { algorithm: "sac", seed: 0 },
  "InvertedPendulum-v5": { algorithm: "ppo", seed: 0 },
  "Reacher-v5": { algorithm: "sac", seed: 2 },
  "Swimmer-v5": { algorithm: "ppo", seed: 0 },
  "Hopper-v5": { algorithm: "ppo", seed: 2 },
  "HalfCheetah-v5": { algorithm: "sac", seed: 0 },
  "Walker2d-v5": { algorithm: "ppo", seed: 0 },
  "Ant-v5": { algorithm: "sac", seed: 1 },
};
