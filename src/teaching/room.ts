/** @file What the teaching server shows and takes: the desk of questions, the demonstrations, and the course of the run. */

import type { Environment } from "../env/contracts.js";
import { envSpec } from "../env/registry.js";
import type { SegmentContext } from "../people/segment.js";
import type { DemonstrationsDesk } from "./demonstrations.js";
import type { Desk } from "./desk.js";
import type { OwnModule } from "./own-module.js";
import { createPainter } from "./pictures.js";
import type { Asked, Curve, Given, Overview, Played, Receipt, Teacher } from "./wire.js";

/** Rows of a run's metrics or evaluations. */
export type Rows = readonly Readonly<Record<string, number>>[];

/** What a run, or an environment without one, is to the room. */
export interface Subject {
  title: string;
  env: string;
  environmentOptions: Record<string, unknown>;
  algorithm?: string;
  course?: Overview["course"];
  /** What the run does; undefined: there is none. */
  status(): Overview["status"];
  /** The rows so far. */
  rows(): { metrics: Rows; evaluations: Rows };
  /** The bytes of the policy so far. */
  policy?(): Promise<Uint8Array | undefined>;
  /** The user's module of the environment. */
  own?: OwnModule;
  /** Why the environment cannot be played in a page. */
  notPlayable?: string;
  version: string;
}

export interface Room {
  overview(me: string): Overview;
  next(me: string, count: number, have: ReadonlySet<number>): Asked[];
  answer(me: string, given: readonly Given[]): Promise<Receipt[]>;
  demonstrate(me: string, played: Played): Promise<Receipt>;
  use(annotator: string, isUsed: boolean): Promise<void>;
  policy(): Promise<Uint8Array | undefined>;
  /** Calls a function after each change, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** The episodes that are kept. */
  episodes(): Overview["episodes"];
  /** Looks for what is new. */
  look(): Promise<void>;
  /** Whether the server goes away: open streams end. */
  readonly isOver: boolean;
  /** Tells the pages that the server goes away, and waits for a short while until they know. */
  end(): Promise<void>;
}

/** The most points of a curve that the page gets. */
const POINTS = 200;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Columns of rows that are no curves. */
const NO_CURVES = new Set(["steps", "seconds", "time", "iteration", "episodes", "round"]);

export function createRoom(subject: Subject, { desk, demonstrations, environment }: RoomParts): Room {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const painter = createPainter(environment, desk.questions);
  let seen = "";
  let curves: Curve[] = [];
  let steps: number | undefined;
  let isOver = false;

  function readRows(): void {
    const { metrics, evaluations } = subject.rows();
    const last = metrics.at(-1);
    steps = last?.steps;
    const means = evaluations.map(({ steps, mean }) => ({ steps, evaluation: mean }));
    curves = [...curvesOf(metrics), ...curvesOf(means)];
  }

  const teachers = (): Teacher[] => {
    const counts = demonstrations.counts();
    const found = desk.teachers();
    const named = new Set(found.map(({ name }) => name));
    const others = [...counts.keys()].filter((name) => !named.has(name));
    const empty = { answers: 0, skipped: 0, repeats: 0, shared: 0, demonstrations: 0, isUsed: true };
    return [...found, ...others.map((name) => ({ name, ...empty }))].map((teacher) => ({
      ...teacher,
      demonstrations: counts.get(teacher.name) ?? 0,
    }));
  };

  const episodes = () => ({
    count: [...demonstrations.counts().values()].reduce((sum, count) => sum + count, 0),
    folder: demonstrations.folder,
  });

  return {
    episodes,
    overview(me) {
      const { title, env, environmentOptions, algorithm, course, notPlayable, version } = subject;
      const context = desk.asks?.context as Partial<SegmentContext> & { classes?: readonly string[] };
      const midnight = new Date().setHours(0, 0, 0, 0);
      return {
        me,
        ...{ title, env, environmentOptions, algorithm, course, notPlayable, version },
        module: subject.own?.address,
        status: subject.status(),
        ...aboutOf(env),
        actionSpace: context?.actionSpace ?? environment?.actionSpace,
        classes: context?.classes,
        asks: desk.asks?.kind,
        asked: desk.questions.size,
        open: desk.open(me),
        answeredToday: desk.answeredSince(me, midnight),
        undo: desk.undoable(me),
        teachers: teachers(),
        episodes: episodes(),
        curves,
        steps,
      };
    },
    next(me, count, have) {
      const { asks } = desk;
      if (!asks) return [];
      return desk.next(me, count, have).map((question) => painter.draw(question, asks.kind));
    },
    async answer(me, given) {
      const receipts = await desk.post(me, given);
      tell();
      return receipts;
    },
    async demonstrate(me, played) {
      const receipt = await demonstrations.post(me, played);
      tell();
      return receipt;
    },
    async use(annotator, isUsed) {
      await desk.use(annotator, isUsed);
      tell();
    },
    policy: async () => subject.policy?.(),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async look() {
      const isNew = await desk.refresh();
      readRows();
      const now = `${subject.status()} ${steps} ${curves.length} ${curves.at(-1)?.points.length}`;
      if (!isNew && now === seen) return;
      seen = now;
      tell();
    },
    get isOver() {
      return isOver;
    },
    async end() {
      isOver = true;
      tell();
      for (let i = 0; i < 20 && listeners.size > 0; i++) await pause(25);
      // The last words are on their way.
      await pause(50);
    },
  };
}

export interface RoomParts {
  desk: Desk;
  demonstrations: DemonstrationsDesk;
  /** In which segments are replayed. */
  environment?: Environment;
}

/** The names and the summary of an environment; of one that is not registered there are none. */
function aboutOf(env: string): Pick<Overview, "names" | "summary"> {
  try {
    const { names = {}, summary } = envSpec(env);
    return { names, summary };
  } catch {
    return { names: {} };
  }
}

/** The columns of rows as curves, thinned to a few hundred points. */
function curvesOf(rows: Rows): Curve[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !NO_CURVES.has(name));
  return names.map((name) => {
    const points = rows
      .filter((row) => Number.isFinite(row[name]) && Number.isFinite(row.steps))
      .map(({ steps, [name]: value }): [number, number] => [steps, value]);
    const every = Math.ceil(points.length / POINTS);
    return { name, points: points.filter((_, i) => i % every === 0 || i === points.length - 1) };
  });
}
