/** @file Runs all benchmarks in sequence (`npm run bench`). Pin it to a core with taskset for stable results. */

await import("./startup.js");
await import("./tensor.js");
await import("./convolution.js");
await import("./envs.js");
await import("./mujoco.js");
await import("./mujoco-engine.js");
await import("./workers.js");
await import("./mdp.js");
await import("./irl.js");
await import("./crowds.js");
await import("./active.js");
await import("./training.js");
await import("./sac.js");
await import("./bc.js");
await import("./gail.js");
await import("./meta.js");
await import("./preferences.js");
await import("./page.js");
