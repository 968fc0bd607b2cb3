/** @file The page of a replay: one HTML file with play, pause, a time slider and speeds, without a server or other files. */

/** An HTML document with a heading, the element that shows the frames, the controls, and a script. */
export const replayPage = (title: string, stage: string, script: string): string =>
  PAGE.replaceAll("{title}", escapeHtml(title))
    .replace("{stage}", () => stage)
    .replace("{script}", () => script);

/** JSON that may stand in a script: numbers with five decimals, and no tags. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value, (_, x) => (typeof x === "number" ? Math.round(x * 1e5) / 1e5 : x)).replaceAll(
    "<",
    "\\u003c",
  );

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root { color-scheme: light dark; --page: #f4f7fa; --ink: #1c2733; --soft: #5b6b7b; }
  @media (prefers-color-scheme: dark) { :root { --page: #12181f; --ink: #e6edf3; --soft: #93a4b5; } }
  * { box-sizing: border-box; }
  html, body { height: 100%; margin: 0; }
  body { display: flex; flex-direction: column; background: var(--page); color: var(--ink);
    font: 15px/1.4 system-ui, sans-serif; }
  h1 { font-size: 1rem; margin: 0; padding: .7rem 1rem .2rem; }
  canvas { flex: 1; min-height: 0; width: 100%; touch-action: none; cursor: grab; display: block; }
  figure { flex: 1; min-height: 0; margin: .3rem 1rem; display: flex; background: #fff; border-radius: 8px; }
  figure svg { width: 100%; height: 100%; }
  p { margin: 0; padding: .1rem 1rem .3rem; color: var(--soft); font-variant-numeric: tabular-nums; min-height: 1.6em; }
  footer { display: flex; gap: .7rem; align-items: center; padding: .6rem 1rem 1rem; }
  button, select { font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft);
    border-radius: 6px; padding: .35rem .6rem; }
  button { min-width: 4.6rem; }
  input { flex: 1; min-width: 0; }
  output { min-width: 4.2rem; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>{title}</h1>
{stage}
<footer>
  <button type="button">Pause</button>
  <input type="range" min="0" value="0" step="1" aria-label="Frame">
  <select aria-label="Speed"><option value="0.25">¼×</option><option value="0.5">½×</option>
    <option value="1" selected>1×</option><option value="2">2×</option></select>
  <output></output>
</footer>
<script>
{script}
</script>
</body>
</html>
`;

/** What the page of an episode plays. */
export interface Playback {
  /** Number of frames. */
  count: number;
  /** Time between frames (s). */
  dt: number;
  /** Address of the page to show after the last frame; unset: the episode starts again. */
  next?: string;
}

/**
 * Plays frames with the controls of the page: calls `paint` with the number of the current frame in every frame of the
 * display. Runs in the page, from its source text: it may only use its arguments and browser functions.
 */
export function playFrames({ count, dt, next }: Playback, paint: (frame: number) => void): void {
  const find = <E extends Element>(selector: string) => document.querySelector(selector) as E;
  const button = find<HTMLButtonElement>("button");
  const slider = find<HTMLInputElement>("input");
  const speed = find<HTMLSelectElement>("select");
  const output = find<HTMLOutputElement>("output");
  slider.max = String(count - 1);
  const asked = /frame=(\d+)/.exec(location.hash);
  let time = asked ? Math.min(count - 1, Number(asked[1])) * dt : 0;
  let playing = !asked;
  let last = performance.now();
  let left = false;

  function tick(now: number): void {
    if (playing) {
      time += (Number(speed.value) * (now - last)) / 1000;
      if (time > count * dt && next) {
        if (!left) location.assign(next);
        left = true;
        time = count * dt;
      } else if (time > count * dt) time = 0;
    }
    last = now;
    const k = Math.min(count - 1, Math.floor(time / dt + 1e-6));
    paint(k);
    slider.value = String(k);
    output.textContent = `${(k * dt).toFixed(2)} s`;
    button.textContent = playing ? "Pause" : "Play";
    requestAnimationFrame(tick);
  }

  button.onclick = () => {
    playing = !playing;
  };
  slider.oninput = () => {
    playing = false;
    time = Number(slider.value) * dt;
  };
  requestAnimationFrame(tick);
}
