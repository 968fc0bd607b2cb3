/** @file The panels of the playground: the charts, the acting policy and the map of a run, drawn again as it learns. */

import type { Row } from "../../src/runs/sinks/sink.js";
import { byId } from "./dom.js";
import { ask } from "./painting.js";

/** Shortest times between two drawings of the charts, and of the policy (ms): an episode can be watched. */
const CHARTS = 500;
const POLICY = 8000;

/** A run that is shown. */
export interface Shown {
  folder: string;
  env: string;
  metrics: Row[];
  evaluations: Row[];
  /** The bytes of the policy so far; undefined where there is none yet. */
  policy(): Promise<Uint8Array | undefined>;
}

/** What draws a run. */
export interface Stage {
  /** Tells that there are new rows. */
  changed(): void;
  /** Draws all of it for the last time. */
  finish(): Promise<void>;
}

/** Removes what is drawn. */
export function clear(): void {
  byId("curves").innerHTML =
    '<section><h2>Learning curve</h2><p class="quiet">Appears with the first iterations.</p></section>';
  byId("values").innerHTML = "";
  byId("waiting").hidden = false;
  byId("acting").hidden = true;
}

export function stageOf(run: Shown, fail: (error: Error) => void): Stage {
  let isDrawing = false;
  let isChanged = false;
  let isOver = false;
  let drawn = Number.NEGATIVE_INFINITY;

  async function drawCharts(): Promise<void> {
    const { folder, metrics, evaluations } = run;
    const charts = await ask("curves", { folder, metrics, evaluations });
    if (charts !== "") byId("curves").innerHTML = charts;
  }

  async function drawPolicy(): Promise<void> {
    const policy = await run.policy();
    if (policy === undefined) return;
    const steps = run.metrics.at(-1)?.steps ?? 0;
    const shown = { env: run.env, policy, title: `${run.env} after ${steps.toLocaleString("en")} steps` };
    byId("values").innerHTML = await ask("values", shown);
    const acting = byId<HTMLIFrameElement>("acting");
    acting.srcdoc = await ask("episode", shown);
    acting.hidden = false;
    byId("waiting").hidden = true;
  }

  async function draw(): Promise<void> {
    isDrawing = true;
    while (isChanged && !isOver) {
      isChanged = false;
      await drawCharts();
      if (performance.now() - drawn > POLICY) {
        drawn = performance.now();
        await drawPolicy();
      }
      await new Promise((resolve) => setTimeout(resolve, CHARTS));
    }
    isDrawing = false;
  }

  return {
    changed() {
      isChanged = true;
      if (!isDrawing && !isOver) draw().catch(fail);
    },
    async finish() {
      isOver = true;
      await drawCharts();
      await drawPolicy();
    },
  };
}
