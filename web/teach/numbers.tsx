/** @file Observations as curves and numbers, for environments that draw no pictures, and curves of metrics. */

/** Colours that are told apart on white and on dark paper, as in reports. */
const SERIES = 7;

/** The most entries of an observation that are drawn. */
const MOST = 8;

export interface NumbersProps {
  rows: readonly (number | readonly number[])[];
  frame: number;
  names?: readonly string[];
}

/** The entries of observations over the steps, with the values of the current step. */
export function Numbers({ rows, frame, names = [] }: NumbersProps) {
  const columns = rows.map((row) => (typeof row === "number" ? [row] : row));
  const width = Math.min(MOST, columns[0]?.length ?? 0);
  const at = columns[Math.min(frame, columns.length - 1)] ?? [];
  return (
    <div class="numbers">
      <ul>
        {Array.from({ length: width }, (_, j) => {
          const values = columns.map((row) => row[j]);
          return (
            <li key={j}>
              <span>{names[j] ?? `entry ${j}`}</span>
              <Line
                points={values.map((y, x): [number, number] => [x, y])}
                mark={frame}
                series={j % SERIES}
              />
              <b>{format(at[j])}</b>
            </li>
          );
        })}
      </ul>
      {(columns[0]?.length ?? 0) > MOST && <p>and {columns[0].length - MOST} more entries</p>}
    </div>
  );
}

/** A line through points, in its own ranges. */
export function Line({
  points,
  mark,
  series = 0,
}: {
  points: readonly (readonly [number, number])[];
  mark?: number;
  series?: number;
}) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = ([x, y]: readonly [number, number]) => [
    (100 * (x - left)) / (right - left || 1),
    high === low ? 20 : 38 - (36 * (y - low)) / (high - low),
  ];
  const path = points
    .map((point) =>
      place(point)
        .map((z) => z.toFixed(2))
        .join(" "),
    )
    .join("L");
  const marked = mark === undefined ? undefined : points[Math.min(mark, points.length - 1)];
  return (
    <svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true" class={`line series-${series}`}>
      <path d={`M${path}`} vector-effect="non-scaling-stroke" />
      {points.length === 1 && <path d="M0 20L100 20" vector-effect="non-scaling-stroke" />}
      {marked && <line x1={place(marked)[0]} x2={place(marked)[0]} y1="0" y2="40" class="mark" />}
    </svg>
  );
}

/** A number with four digits at most. */
export const format = (x: number | undefined): string =>
  x === undefined || Number.isNaN(x)
    ? "–"
    : Number.isInteger(x)
      ? String(x)
      : String(Number(x.toPrecision(4)));
