/** @file The page of the browser tests: what a user's page does, one function a task, called from outside. */

import {
  collect,
  evaluate,
  loadExpert,
  loadPolicy,
  readDemonstrations,
  savePolicy,
  train,
} from "understudy-rl";
import { bc, gail, ppo } from "understudy-rl/algorithms";
import { readStored, removeStored, trainInWorker, useAssets } from "understudy-rl/browser";

const small = { environments: 4, rolloutSteps: 32, minibatchSize: 64, epochs: 2, hidden: [16] };
const cartPole = { env: "CartPole-v1", seed: 0 };

const digest = async (bytes) =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) => byte.toString(16)).join(
    "",
  );
const digestOf = async (policy) => digest(savePolicy(policy));
const bytesAt = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());

/** The digests of the same training in the page and in a worker. */
async function both(algorithm, { options, ...where }, make) {
  const inPage = await digestOf(await train(make(options), where));
  const inWorker = await digestOf(await trainInWorker(algorithm, { ...where, options, tuned: false }));
  return { inPage, inWorker };
}

window.tasks = {
  useAssets,

  async ppo() {
    const rows = [];
    const options = { ...cartPole, steps: 256 };
    const inPage = await digestOf(await train(ppo(small), options));
    const policy = await trainInWorker("ppo", {
      ...options,
      options: small,
      onIteration: (row) => rows.push(row),
    });
    const { mean } = await evaluate(loadPolicy(savePolicy(policy)), { ...cartPole, episodes: 2 });
    return {
      inPage,
      inWorker: await digestOf(policy),
      rows: rows.map(({ steps }) => steps),
      mean,
    };
  },

  /** Trains without the worker, or in it. */
  async train(where) {
    const job = { ...cartPole, steps: 4096 };
    await (where === "worker" ? trainInWorker("ppo", job) : train("ppo", job));
  },

  /** Clones the pairs in a file. */
  async bc(address) {
    const demonstrations = await readDemonstrations(await bytesAt(address), { env: "CartPole-v1" });
    return both("bc", { ...cartPole, steps: 20, options: { demonstrations, hidden: [16] } }, bc);
  },

  /** Imitates the expert at an address. */
  async gail(url) {
    const expert = await loadExpert("CartPole-v1", { url });
    const demonstrations = await collect(expert, { ...cartPole, episodes: 2, maxEpisodeSteps: 100 });
    return both("gail", { ...cartPole, steps: 256, options: { demonstrations } }, gail);
  },

  async hopper() {
    return both("ppo", { env: "Hopper-v5", seed: 0, steps: 256, options: small }, ppo);
  },

  /** Cancels a run in a worker whose folder is in the storage of the site. The page is reloaded after it. */
  async start() {
    await removeStored("runs/a");
    const stop = new AbortController();
    const options = { ...cartPole, steps: 1024, options: small };
    await trainInWorker("ppo", {
      ...options,
      folder: "runs/a",
      signal: stop.signal,
      onIteration: ({ steps }) => steps >= 256 && stop.abort(),
    });
    const text = new TextDecoder().decode(await readStored("runs/a/metrics.jsonl"));
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).steps);
  },

  /** Goes on with the run, and compares it with one that was not cancelled. */
  async resume() {
    const options = { ...cartPole, steps: 1024, options: small };
    const { policy, metrics } = await trainInWorker.run("ppo", {
      ...options,
      folder: "runs/a",
      resume: true,
    });
    const stored = await loadPolicy("runs/a");
    return {
      rows: metrics.map(({ steps }) => steps),
      resumed: await digestOf(policy),
      stored: await digestOf(stored),
      whole: await digestOf(await trainInWorker("ppo", options)),
    };
  },

  /** What the page is told where something does not work. */
  async refusals() {
    const messageOf = async (work) => work().then(String, (error) => `${error.name}: ${error.message}`);
    const { trainSeeds } = await import("understudy-rl");
    return {
      seeds: await messageOf(() => trainSeeds({ algorithm: "ppo" }, { seeds: 2, folder: "runs/seeds" })),
      code: await messageOf(() => trainInWorker("ppo", { env: () => ({}), steps: 1 })),
      option: await messageOf(() => trainInWorker("ppo", { ...cartPole, options: { gama: 1 } })),
      missing: await messageOf(() => trainInWorker("ppo", { ...cartPole, worker: "/nowhere.js" })),
      folder: await messageOf(() => loadPolicy("runs/none")),
    };
  },
};
