/** @file Shows the runs of the comparison: tables with intervals, learning curves, clusters by step, and traces. */

import { iqm, mean } from "../../index.js";
import type { Estimate } from "../../src/diagnostics/sampled.js";
import { stepsToInfer } from "../../src/measure/evaluate-trials.js";
import { markdown } from "../lib/markdown.js";
import { type Curve, type Panel, panels, rangeAt } from "../lib/panels.js";
import { type MetaRun, methods, NO_ACTION, type Trace } from "./runs.js";
import { difference, estimate, randomNmi, verdict } from "./statistics.js";
import { successTable } from "./successes.js";
import type { Reference } from "./world.js";
import { testTasks, worlds } from "./worlds.js";

const MILET = "#cf222e";
/** Of the other methods of a panel, in order. */
const COLOURS = ["#0969da", "#1a7f37", "#24292f", "#8250df", "#bf8700", "#0a7f8c", "#d63384", "#8c959f"];

/** The methods that are shown together, by what their pictures add to their names. */
const SETS: Record<string, (method: string) => boolean> = {
  "": (method) => !method.startsWith("milet-"),
  "-ablations": (method) => /^milet(-[a-z-]+)?$/.test(method),
  "-counts": (method) => /^milet(-\d+|-one-cluster)?$/.test(method),
};

/** The runs of a world with the same number of frames, by method, in order of seeds. */
interface Group {
  world: string;
  frames: number;
  byMethod: Map<string, MetaRun[]>;
}

function groupsOf(runs: readonly MetaRun[]): Group[] {
  return Object.keys(worlds).flatMap((world) => {
    const here = runs.filter((run) => run.world === world && run.method !== NO_ACTION);
    const frames = [...new Set(here.map((run) => run.frames))].sort((a, b) => a - b);
    return frames.map((count) => ({
      world,
      frames: count,
      byMethod: new Map(
        Object.keys(methods)
          .map(
            (method) =>
              [
                method,
                here
                  .filter((run) => run.frames === count && run.method === method)
                  .sort((a, b) => a.seed - b.seed),
              ] as const,
          )
          .filter(([, own]) => own.length > 0),
      ),
    }));
  });
}

const count = (value: number) => value.toLocaleString("en").replaceAll(",", " ");
const decimals = (value: number) => value.toFixed(2).replace("-", "−");
const interval = ({ value, low, high }: Estimate) =>
  `${decimals(value)} [${decimals(low)}, ${decimals(high)}]`;
const last = <T>(values: readonly T[]) => values[values.length - 1];

/** The method that others of a group are compared with: MILET, or else the first. */
const baseOf = ({ byMethod }: Group) => (byMethod.has("milet") ? "milet" : [...byMethod.keys()][0]);

/** A heading and a table for each group: a row a method, and a row for each reference. */
export async function tables(runs: readonly MetaRun[]): Promise<string> {
  const parts = await Promise.all(
    groupsOf(runs).map(async (group) => {
      const { tasks, references } = await boundsOf(group.world, runs);
      const { title } = worlds[group.world];
      const byMethod = [...group.byMethod].map(([method, own]) => ({
        name: methods[method].name,
        runs: own,
      }));
      const solved = successTable(worlds[group.world], byMethod);
      return [
        `### ${title}, ${count(group.frames)} frames`,
        table(group, references, tasks),
        ...(solved ? [solved] : []),
      ].join("\n\n");
    }),
  );
  return parts.join("\n\n");
}

const bounds = new Map<string, Promise<{ tasks: number; references: Reference[] }>>();

/** The number of test tasks of a world, and the references on them, which are computed once or were run. */
async function boundsOf(world: string, runs: readonly MetaRun[]) {
  const compute = async () => {
    const { tasks, family } = await testTasks(worlds[world]);
    return { tasks: tasks.length, references: await worlds[world].references(tasks, family) };
  };
  const known = bounds.get(world) ?? compute();
  bounds.set(world, known);
  const { tasks, references } = await known;
  const simulated = runs
    .filter((run) => run.world === world && run.method === NO_ACTION)
    .map(({ returns }) => ({ name: "no action", returns: returns.map((values) => mean(values)) }));
  return { tasks, references: [...references, ...simulated] };
}

function table(group: Group, references: readonly Reference[], tasks: number): string {
  const { byMethod } = group;
  const base = baseOf(group);
  const [first] = [...byMethod.values()];
  const episodes = first[0].returns.length;
  const infers = [...byMethod.values()].some(infersClusters);
  const { name } = methods[base];
  const head = [
    `method (${tasks} test tasks)`,
    "seeds",
    ...Array.from({ length: episodes }, (_, k) => `return of episode ${k + 1} [95 %]`),
    "IQM of the last",
    `${name} less this one, last episode`,
    ...(infers ? ["NMI after episode 1", "steps to 95 % of the largest NMI"] : []),
    "CPU s a run",
  ];
  const rows = [...byMethod].map(([method, own]) => {
    const ofEpisode = (k: number) => own.map(({ returns }) => returns[k]);
    const pair = paired(byMethod.get(base)!, own);
    const seconds = own.flatMap(({ cpuSeconds }) => cpuSeconds ?? []);
    return [
      methods[method].name,
      String(own.length),
      ...Array.from({ length: episodes }, (_, k) => interval(estimate(ofEpisode(k)))),
      decimals(iqm(ofEpisode(episodes - 1).flat())),
      method === base || pair.seeds === 0
        ? ""
        : `${interval(pair.difference!)}: ${verdict(pair.difference!, pair.seeds)}`,
      ...(infers ? inferredCells(own) : []),
      seconds.length > 0 ? mean(seconds).toFixed(0) : "",
    ];
  });
  const known = references.map(({ name: bound, returns }) => [
    bound,
    "",
    ...returns.map(decimals),
    ...head.slice(2 + returns.length).map(() => ""),
  ]);
  return markdown([head, ...rows, ...known]);
}

/** The difference over the seeds that both methods have. */
function paired(base: readonly MetaRun[], own: readonly MetaRun[]) {
  const both = own.filter(({ seed }) => base.some((run) => run.seed === seed));
  const lastReturns = ({ returns }: MetaRun) => last(returns);
  const before = both.map(({ seed }) => lastReturns(base.find((run) => run.seed === seed)!));
  return {
    seeds: both.length,
    difference: both.length > 0 ? difference(before, both.map(lastReturns)) : undefined,
  };
}

/** The agreement of clusters after the first episode, and how fast it is reached, of each seed. */
function inferredCells(own: readonly MetaRun[]): string[] {
  if (!infersClusters(own)) return ["", ""];
  const found = own.map(({ nmi }) => nmi!);
  return [
    found.map((nmi) => decimals(last(nmi))).join(", "),
    found.map((nmi) => (Math.max(...nmi) > 0 ? String(stepsToInfer(nmi)) : "—")).join(", "),
  ];
}

const infersClusters = ([{ method, nmi }]: readonly MetaRun[]) =>
  nmi !== undefined && method !== "milet-one-cluster";

/** Pictures of the groups, a panel each, for every set of methods of which a group has two or more, or is the first. */
async function picturesOf(
  name: string,
  groups: readonly Group[],
  panel: (group: Group, look: (method: string) => Pick<Curve, "name" | "colour">) => Promise<Panel>,
): Promise<Record<string, string>> {
  const pictures: Record<string, string> = {};
  for (const [suffix, includes] of Object.entries(SETS)) {
    const own = groups
      .map((group) => ({
        ...group,
        byMethod: new Map([...group.byMethod].filter(([method]) => includes(method))),
      }))
      .filter(({ byMethod }) => byMethod.size > (suffix === "" ? 0 : 1));
    if (own.length === 0) continue;
    const others = Object.keys(methods).filter(
      (method) => method !== "milet" && own.some(({ byMethod }) => byMethod.has(method)),
    );
    const look = (method: string) => ({
      name: methods[method].name,
      colour: method === "milet" ? MILET : COLOURS[others.indexOf(method)],
    });
    const drawn = await Promise.all(own.map((group) => panel(group, look)));
    pictures[`${name}${suffix}`] = await panels(others.length > 4 ? drawn.map(withoutBands) : drawn, 2);
  }
  return pictures;
}

/** Bands of many methods would hide each other. */
const withoutBands = (panel: Panel): Panel => ({
  ...panel,
  curves: panel.curves.map((curve) => ({ ...curve, points: curve.points.map(({ x, y }) => ({ x, y })) })),
});

/** Mean and range over seeds of test returns of the last episode of the trial, against frames. */
export const learningPictures = (runs: readonly MetaRun[]): Promise<Record<string, string>> =>
  picturesOf("learning", groupsOf(runs), async ({ world, byMethod }, look) => {
    const {
      references: [best],
    } = await boundsOf(world, runs);
    return {
      title: worlds[world].title,
      x: `frames (dashed: ${best.name})`,
      y: "return of the last episode",
      xScale: "linear",
      yScale: { type: "linear" },
      reference: last(best.returns),
      curves: [...byMethod].map(([method, own]) => ({
        ...look(method),
        points: own[0].curve.map(([frames], k) =>
          rangeAt(
            frames,
            own.flatMap(({ curve }) => (curve[k] ? [last(curve[k])] : [])),
          ),
        ),
      })),
    };
  });

/** Agreement of clusters by step of the first episode, with that of a perfect reader and of random labels. */
export function clusterPictures(runs: readonly MetaRun[]): Promise<Record<string, string>> {
  const inferring = groupsOf(runs).map((group) => ({
    ...group,
    byMethod: new Map([...group.byMethod].filter(([, own]) => infersClusters(own))),
  }));
  return picturesOf("clusters", inferring, async ({ world, byMethod }, look) => {
    const [[one]] = [...byMethod.values()];
    const steps = one.nmi!.length;
    const random = randomNmi(worlds[world].clusters ?? 4, one.returns[0].length);
    const chance: Curve = {
      name: "random labels",
      colour: "#57606a",
      dashed: true,
      points: [0, steps - 1].map((x) => ({ x, y: random })),
    };
    return {
      title: worlds[world].title,
      x: "steps of the first episode",
      y: "NMI (grey: perfect reader)",
      xScale: "linear",
      yScale: { type: "linear" },
      from: 0,
      reference: one.nmiCeiling,
      curves: [
        ...[...byMethod].map(([method, own]) => ({
          ...look(method),
          points: one.nmi!.map((_, step) =>
            rangeAt(
              step,
              own.map(({ nmi }) => nmi![step]),
            ),
          ),
        })),
        chance,
      ],
    };
  });
}

const CLUSTERS = ["#0969da", "#cf222e", "#1a7f37", "#bf8700", "#8250df", "#0a7f8c"];
/** Pixels from the middle of a panel to its sides, and share of them that the farthest goal is from it. */
const [HALF, REACH] = [150, 0.6];

/** For each world with traces, of the longest run: the paths of test tasks in each episode, coloured by inferred cluster. */
export function tracePictures(runs: readonly MetaRun[]): Record<string, string> {
  const traced = runs.filter(({ traces }) => traces).sort((a, b) => a.frames - b.frames);
  return Object.fromEntries(traced.map((run) => [`traces-${run.world}`, tracePicture(run)]));
}

function tracePicture({ returns, traces }: MetaRun): string {
  const side = 2 * HALF;
  const scale = (REACH * HALF) / Math.max(...traces!.map(({ goal }) => Math.hypot(...goal)));
  const groups = returns.map((_, episode) => {
    const text = `<text x="6" y="16" font-family="system-ui, sans-serif" font-size="13" fill="#24292f">episode ${episode + 1}</text>`;
    const paths = traces!.map((trace) => traceOf(trace, episode, scale)).join("");
    return `<g transform="translate(${episode * side} 0)">${text}${paths}</g>`;
  });
  const width = side * groups.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${side}" viewBox="0 0 ${width} ${side}">`,
    `<rect width="${width}" height="${side}" fill="#ffffff"/>`,
    ...groups,
    "</svg>",
  ].join("\n");
}

function traceOf({ goal, cluster, paths }: Trace, episode: number, scale: number): string {
  const at = ([x, y]: readonly number[]) =>
    `${(HALF + scale * x).toFixed(1)},${(HALF - scale * y).toFixed(1)}`;
  const colour = CLUSTERS[cluster % CLUSTERS.length];
  const [x, y] = at(goal).split(",");
  const path = paths[episode].map(at).join(" ");
  return (
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-opacity="0.6"/>` +
    `<circle cx="${x}" cy="${y}" r="4" fill="${colour}" stroke="#ffffff"/>`
  );
}
