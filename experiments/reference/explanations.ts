/** @file The page of docs/explanation for each algorithm. */

interface Explanation {
  title: string;
  page: string;
}

const of = (title: string, page: string): Explanation => ({ title, page });

const planning = of("planning on a model", "planning.md");
const temporalDifference = of("Q-learning and SARSA", "q-learning-and-sarsa.md");

export const explanations: Readonly<Record<string, Explanation>> = {
  a2c: of("PPO and A2C", "ppo.md"),
  airl: of("AIRL", "airl.md"),
  apprenticeship: of("apprenticeship learning", "apprenticeship.md"),
  bc: of("behaviour cloning", "behaviour-cloning.md"),
  dagger: of("DAgger", "dagger.md"),
  density: of("density rewards", "density.md"),
  distributionMatching: of("distribution matching", "distribution-matching.md"),
  dqn: of("DQN", "dqn.md"),
  gail: of("GAIL", "gail.md"),
  gameTheoretic: of("game-theoretic apprenticeship", "game-theoretic.md"),
  maxCausalEntIrl: of("maximum causal entropy", "max-causal-ent-irl.md"),
  maxEntIrl: of("maximum entropy", "max-ent-irl.md"),
  policyIteration: planning,
  ppo: of("PPO and A2C", "ppo.md"),
  qLearning: temporalDifference,
  sac: of("SAC", "sac.md"),
  sarsa: temporalDifference,
  softValueIteration: planning,
  sqil: of("SQIL", "sqil.md"),
  valueIteration: planning,
};
