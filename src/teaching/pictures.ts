/** @file Draws questions: segments are replayed from their snapshots, states come with their pictures. */

import type { Environment } from "../env/contracts.js";
import type { KindName } from "../people/kinds/index.js";
import { readSnapshot } from "../people/written-snapshots.js";
import { createFilm, type FilmMaker, textPicture } from "../report/episode-page.js";
import { flattenInto, type Space, spaceWidth } from "../spaces/index.js";
import type { Action } from "../spaces/values.js";
import type { FiledQuestion } from "./desk.js";
import type { Asked } from "./wire.js";

/** How many states before a question are shown with it. */
const TRACE = 4;

export interface Painter {
  draw(question: FiledQuestion, kind: KindName): Asked;
}

type Rows = (number | number[])[];
interface WrittenSegment {
  observations: Rows;
  actions: Rows;
}

/**
 * @param environment in which segments are replayed, which the painter then owns; undefined: none can be made
 * @param questions all questions, among which are the states before one
 */
export function createPainter(
  environment: Environment | undefined,
  questions: ReadonlyMap<number, FiledQuestion>,
): Painter {
  const drawn = new Map<number, Asked>();

  /** Replays a segment. @throws Error when the environment does not go where the segment went */
  function replay({ observations, actions }: WrittenSegment, snapshot: string): string[] {
    const { observationSpace } = environment!;
    environment!.setState!(readSnapshot(snapshot, "the snapshot of the segment"));
    const pictures = [pictureOf(environment!)];
    for (const [t, action] of actions.entries()) {
      const { observation } = environment!.step(
        (Array.isArray(action) ? Float32Array.from(action) : action) as Action,
      );
      const row = new Float32Array(spaceWidth(observationSpace));
      flattenInto(observationSpace, observation, row);
      if (!isRow(observationSpace, row, observations[t + 1])) {
        throw new Error(`the environment goes elsewhere in step ${t} when the segment is played again`);
      }
      pictures.push(pictureOf(environment!));
    }
    return pictures;
  }

  function filmOf({ record }: FiledQuestion, film: FilmMaker): Record<string, number[][]> | string {
    const parts = ["left", "right", "segment"].filter((name) => record[name] !== undefined);
    if (parts.length === 0) return {};
    const snapshots = record.snapshots as Record<string, string> | undefined;
    if (!environment?.setState) return "the environment cannot be set to a state";
    if (!(environment.renderSvg ?? environment.render)) return "the environment draws no pictures";
    if (!snapshots) return "the question has no snapshots: it was asked without the page";
    try {
      return Object.fromEntries(
        parts.map((name) => [
          name,
          replay(record[name] as WrittenSegment, snapshots[name]).map((svg) => film.add(svg)),
        ]),
      );
    } catch (error) {
      return (error as Error).message;
    }
  }

  const stateOf = ({ record }: FiledQuestion): string | undefined =>
    (record.svg as string | undefined) ??
    (record.text === undefined ? undefined : textPicture(record.text as string));

  /** The states before this one in the same environment and round. */
  function before(question: FiledQuestion): FiledQuestion[] {
    const { round, environment: place } = question.record;
    const earlier: FiledQuestion[] = [];
    for (let id = question.id - 1; id > 0 && earlier.length < TRACE; id--) {
      const other = questions.get(id);
      if (!other || other.record.round !== round) break;
      if (other.record.environment === place) earlier.unshift(other);
    }
    return earlier;
  }

  return {
    draw(question, kind) {
      const known = drawn.get(question.id);
      if (known) return known;
      const { snapshots: _, svg: __, text: ___, proposed, ...record } = question.record;
      const film = createFilm();
      const found = filmOf(question, film);
      const state = stateOf(question);
      const parts = typeof found === "string" ? {} : { ...found, ...(state && { state: [film.add(state)] }) };
      const trace = state ? before(question).flatMap((other) => stateOf(other) ?? []) : [];
      const traced = trace.map((svg) => film.add(svg));
      const asked: Asked = {
        id: question.id,
        kind,
        record,
        ...(Object.keys(parts).length > 0 && { film: { lines: film.lines(), parts } }),
        ...(typeof found === "string" && { notDrawn: found }),
        ...(traced.length > 0 && { trace: traced }),
        ...(proposed !== undefined && { proposed: proposed as number | number[] }),
      };
      if (drawn.size >= MOST_DRAWN) drawn.delete(drawn.keys().next().value!);
      drawn.set(question.id, asked);
      return asked;
    },
  };
}

/** Questions whose pictures are remembered: those that people have in front of them. */
const MOST_DRAWN = 64;

const pictureOf = (environment: Environment): string =>
  environment.renderSvg ? environment.renderSvg() : textPicture(environment.render!());

/** Whether a flat row is the one in a file, which has the digits of its numbers. */
const isRow = (space: Space, row: Float32Array, written: number | number[]): boolean =>
  space.kind === "discrete"
    ? row[0] === written
    : Array.isArray(written) &&
      row.every((x, i) => x === Math.fround(written[i]) || Math.abs(x - written[i]) <= 1e-6 * Math.abs(x));
