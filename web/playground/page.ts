/** @file The playground: a page that trains in one worker, draws in another, and keeps its runs in the browser. */

import { families } from "../../envs/families.js";
import { useAssets } from "../../src/assets.js";
import { loadPolicy, savePolicy } from "../../src/policies/save.js";
import { styleSheet } from "../../src/report/style.js";
import type { Row } from "../../src/runs/sinks/sink.js";
import { trainInWorker, type WorkerRun } from "../train-in-worker.js";
import { offered } from "./choices.js";
import { byId, element, fillGroups } from "./dom.js";
import type { Plan } from "./jobs.js";
import { ask } from "./painting.js";
import { folders, freeFolder, readRun, removeRun, type StoredRun, stepsOf } from "./runs.js";
import { clear, type Shown, stageOf } from "./stage.js";

/** A run to start, or to go on with. */
interface Job {
  folder: string;
  env: string;
  algorithm: string;
  seed: number | string;
  options: Record<string, unknown>;
  evaluate?: { every: number; episodes: number };
  checkpoint?: { every?: number; seconds: number };
  /** Whether to go on with the run in the folder. */
  resume: boolean;
}

const env = byId<HTMLSelectElement>("env");
const algorithm = byId<HTMLSelectElement>("algorithm");
const bar = byId<HTMLProgressElement>("progress");
const trainButton = byId<HTMLButtonElement>("train");
const stopButton = byId<HTMLButtonElement>("stop");

/** Cancels the run in progress. */
let training: AbortController | undefined;

const number = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 1 });

function say(text: string, isFailure = false): void {
  byId("status").textContent = text;
  byId("status").className = isFailure ? "failed" : "";
}

const fail = (error: unknown): void => say((error as Error).message, true);

/** The run that the form asks for. @throws Error for options that are no JSON */
function asked() {
  const steps = byId<HTMLInputElement>("steps").value;
  const text = byId<HTMLTextAreaElement>("options").value.trim();
  try {
    return {
      env: env.value,
      algorithm: algorithm.value,
      seed: Number(byId<HTMLInputElement>("seed").value),
      options: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
      ...(steps !== "" && { steps: Number(steps) }),
    };
  } catch (cause) {
    throw new Error(`the options are not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

async function start(): Promise<void> {
  const { steps, ...job } = asked();
  say("Preparing …");
  const plan = await ask("plan", { ...job, steps });
  const folder = await freeFolder(`${job.algorithm}-${job.env}-${job.seed}`);
  await train({ ...job, folder, resume: false }, plan, {
    folder,
    env: job.env,
    metrics: [],
    evaluations: [],
  });
}

async function resume(run: StoredRun): Promise<void> {
  const { folder, config, metrics, evaluations } = run;
  const { env, algorithm, seed, evaluate, checkpoint } = config;
  // They are made again.
  const { demonstrations: _, expert: __, ...options } = config.options;
  const job = { folder, env, algorithm, seed, options, evaluate, checkpoint, resume: true };
  await train(job, await ask("plan", { ...job, steps: config.steps }), {
    folder,
    env,
    metrics,
    evaluations,
  });
}

/** Trains, and draws as it goes on. */
async function train(job: Job, { steps, unit, imitated }: Plan, rows: Omit<Shown, "policy">): Promise<void> {
  let policy: Shown["policy"] = async () => undefined;
  const stage = stageOf({ ...rows, policy: () => policy() }, fail);
  const result = await trainInWorker.run(job.algorithm, {
    evaluate: { every: Math.ceil(steps / 10), episodes: 10 },
    checkpoint: { seconds: 5 },
    ...job,
    options: { ...job.options, ...given(imitated) },
    steps,
    signal: training!.signal,
    onIteration(row, run: WorkerRun) {
      policy = async () => savePolicy(await run.artefact());
      rows.metrics.push(row);
      progress(row, steps, unit);
      stage.changed();
    },
    onEvaluation(row) {
      rows.evaluations.push(row);
      stage.changed();
    },
  });
  policy = async () => savePolicy(result.policy);
  const end = result.interrupted ? "Stopped" : "Finished";
  say(`${end} after ${number(result.steps)} ${unit}. ${result.outcome ?? ""}`);
  await stage.finish();
}

const given = ({ expert, ...rest }: Plan["imitated"]): Record<string, unknown> =>
  expert ? { expert: loadPolicy(expert) } : rest;

function progress({ steps, seconds }: Row, of: number, unit: string): void {
  bar.max = of;
  bar.value = steps;
  say(`${number(steps)} of ${number(of)} ${unit}, ${number(steps / seconds)} a second`);
}

/** Shows a run of the list as it was left. */
async function open(run: StoredRun): Promise<void> {
  const { config, policy } = run;
  say(
    `${config.algorithm} on ${config.env}: ${number(stepsOf(run))} of ${number(config.steps)} ${config.unit}`,
  );
  await stageOf({ ...run, env: config.env, policy: async () => policy }, fail).finish();
}

/** Does something that needs the whole page, one at a time. */
async function alone(work: () => Promise<void>): Promise<void> {
  training = new AbortController();
  clear();
  setBusy(true);
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    training = undefined;
    setBusy(false);
    await listAll();
  }
}

function setBusy(isBusy: boolean): void {
  trainButton.disabled = isBusy;
  stopButton.disabled = !isBusy;
  bar.hidden = !isBusy;
  bar.removeAttribute("value");
  for (const button of byId("runs").querySelectorAll("button")) button.disabled = isBusy;
}

async function listAll(): Promise<void> {
  const runs = await Promise.all((await folders()).map(readRun));
  byId("none").hidden = runs.length > 0;
  byId("runs").replaceChildren(...runs.map(listed));
}

function listed(run: StoredRun): HTMLLIElement {
  const { folder, config } = run;
  const button = (text: string, work: () => Promise<void>) =>
    element("button", { type: "button", textContent: text, onclick: () => void work() });
  const last = run.evaluations.at(-1)?.mean ?? run.metrics.at(-1)?.return;
  const progress = `${number(stepsOf(run))} of ${number(config.steps)} ${config.unit}`;
  const isOver = stepsOf(run) >= config.steps;
  return element(
    "li",
    {},
    element("strong", {}, folder.replace(/^.*\//, "")),
    element("span", {}, last === undefined ? progress : `${progress}, return ${number(last)}`),
    element(
      "div",
      {},
      button("Show", () => alone(() => open(run))),
      ...(isOver ? [] : [button("Resume", () => alone(() => resume(run)))]),
      button("Report", () => report(run).catch(fail)),
      button("Remove", () => removeRun(folder).then(listAll, fail)),
    ),
  );
}

/** Opens the report of a run in another tab. */
async function report({ folder, metrics, evaluations }: StoredRun): Promise<void> {
  const html = await ask("report", { folder, metrics, evaluations });
  window.open(URL.createObjectURL(new Blob([html], { type: "text/html" })), "_blank");
}

/** Offers the algorithms that learn in the chosen environment. */
async function choose(): Promise<void> {
  trainButton.disabled = true;
  const { summary, algorithms } = await ask("outlook", env.value);
  const before = algorithm.value;
  byId("summary").textContent = `${summary}.`;
  const groups = Object.entries(offered).map(([kind, names]) => [
    `learns from ${kind}`,
    names.filter((name) => algorithms.includes(name)),
  ]);
  fillGroups(algorithm, Object.fromEntries(groups));
  if (algorithms.includes(before)) algorithm.value = before;
  trainButton.disabled = training !== undefined;
}

useAssets(new URL(".", import.meta.url));
document.head.prepend(element("style", { textContent: styleSheet }));
fillGroups(env, Object.fromEntries(Object.entries(families).map(([name, { ids }]) => [name, ids])));
env.value = "CartPole-v1";
env.onchange = () => void choose().catch(fail);
byId<HTMLFormElement>("choice").onsubmit = (event) => {
  event.preventDefault();
  void alone(start);
};
stopButton.onclick = () => training?.abort();
Promise.all([choose(), listAll()]).catch(fail);
