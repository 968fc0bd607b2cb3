/**
 * @file An HTML file that replays an episode without a server, other files or WebGL. It has play, pause and a time
 * slider; dragging turns the view, and the wheel or two fingers zoom. The camera follows the robot.
 */

import type { Frame } from "./frame.js";
import { distanceFor, project } from "./projection.js";
import { cameraOf } from "./svg.js";

export interface ReplayOptions {
  title?: string;
  /** Time between frames (s); unset: from the times of the frames. */
  dt?: number;
}

/** Numbers per shape and frame: the position and the first two rows of the rotation matrix. */
const NUMBERS = 9;

/**
 * The HTML document of a replay.
 *
 * @throws {Error} if there are no frames, or if frames differ in their number of shapes.
 */
export function replayHtml(frames: readonly Frame[], { title = "Episode", dt }: ReplayOptions = {}): string {
  const [first] = frames;
  if (!first) throw new Error("there are no frames to replay");
  const shapes = first.geoms.length;
  const motion = new Float32Array(frames.length * (3 + shapes * NUMBERS));
  let at = 0;
  for (const { geoms, centre } of frames) {
    if (geoms.length !== shapes) throw new Error("the frames must all be of the same model");
    motion.set(centre, at);
    at += 3;
    for (const { position, rotation } of geoms) {
      motion.set(position, at);
      motion.set(rotation.slice(0, 6), at + 3);
      at += NUMBERS;
    }
  }
  const seconds =
    dt ?? (frames.length > 1 ? (frames[frames.length - 1].time - first.time) / (frames.length - 1) : 1);
  const geoms = first.geoms.map(({ shape, size, colour }) => ({ shape, size, colour }));
  const camera = cameraOf(first, "corner", Math.max(...frames.slice(0, 50).map(distanceFor)));
  const episode = { geoms, count: frames.length, dt: seconds, camera, motion: base64(motion) };
  const json = JSON.stringify(episode, (_, x) => (typeof x === "number" ? Math.round(x * 1e5) / 1e5 : x));
  return PAGE.replaceAll("{title}", escapeHtml(title)).replace(
    "{script}",
    () =>
      `const project = ${project.toString()};\n(${player.toString()})(${json.replaceAll("<", "\\u003c")}, project);`,
  );
}

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function base64(numbers: Float32Array): string {
  const bytes = new Uint8Array(numbers.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

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
<canvas aria-label="The episode. Drag to turn, use the wheel or two fingers to zoom."></canvas>
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

interface Episode {
  geoms: Pick<Frame["geoms"][number], "shape" | "size" | "colour">[];
  count: number;
  dt: number;
  camera: ReturnType<typeof cameraOf>;
  motion: string;
}

/** Runs in the page, from its source text: it may only use its arguments and browser functions. */
function player({ geoms, count, dt, camera, motion }: Episode, draw: typeof project): void {
  const numbers = new Float32Array(Uint8Array.from(atob(motion), (c) => c.charCodeAt(0)).buffer);
  const find = <E extends Element>(selector: string) => document.querySelector(selector) as E;
  const canvas = find<HTMLCanvasElement>("canvas");
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const button = find<HTMLButtonElement>("button");
  const slider = find<HTMLInputElement>("input");
  const speed = find<HTMLSelectElement>("select");
  const output = find<HTMLOutputElement>("output");
  slider.max = String(count - 1);
  const asked = /frame=(\d+)/.exec(location.hash);
  let time = asked ? Math.min(count - 1, Number(asked[1])) * dt : 0;
  let playing = !asked;
  let last = performance.now();

  function frameAt(k: number): Frame {
    const width = 3 + 9 * geoms.length;
    const row = Array.from(numbers.subarray(k * width, (k + 1) * width));
    const placed = geoms.map((geom, i) => {
      const at = 3 + 9 * i;
      const [a, b, c, d, e, f] = row.slice(at + 3, at + 9);
      return {
        ...geom,
        name: "",
        body: "",
        position: row.slice(at, at + 3) as [number, number, number],
        // The third row of a rotation is the cross product of the first two.
        rotation: [a, b, c, d, e, f, b * f - c * e, c * d - a * f, a * e - b * d],
      };
    });
    return { time: k * dt, geoms: placed, centre: row.slice(0, 3) as [number, number, number] };
  }

  function paint(): void {
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.lineCap = "round";
    context.lineJoin = "round";
    const k = Math.min(count - 1, Math.floor(time / dt + 1e-6));
    const frame = frameAt(k);
    camera.target = frame.centre;
    for (const { points, radii, fill } of draw(frame, camera, width, height)) {
      const tint = (amount: number) =>
        `rgba(${fill.slice(0, 3).map((x) => Math.min(255, x * amount))},${fill[3]})`;
      const trace = (shift: number) => {
        context.beginPath();
        for (const [x, y] of points) context.lineTo(x - shift, y - shift);
        // A canvas does not stroke a line of length 0, so a sphere is drawn as a very short line.
        if (radii && points.length === 1) context.lineTo(points[0][0] - shift + 0.01, points[0][1] - shift);
      };
      if (!radii) {
        trace(0);
        context.fillStyle = tint(1);
        context.fill();
        continue;
      }
      const layers = [
        [1, 0.62, 0],
        [0.86, 0.9, 0.08],
        [0.4, 1.15, 0.26],
      ];
      for (const [width, amount, shift] of layers) {
        trace(shift * radii[0]);
        context.lineWidth = 2 * width * radii[0];
        context.strokeStyle = tint(amount);
        context.stroke();
      }
    }
    slider.value = String(k);
    output.textContent = `${(k * dt).toFixed(2)} s`;
    button.textContent = playing ? "Pause" : "Play";
  }

  function tick(now: number): void {
    if (playing) {
      time += (Number(speed.value) * (now - last)) / 1000;
      if (time > count * dt) time = 0;
    }
    last = now;
    paint();
    requestAnimationFrame(tick);
  }

  button.onclick = () => {
    playing = !playing;
  };
  slider.oninput = () => {
    playing = false;
    time = Number(slider.value) * dt;
  };
  const fingers = new Map<number, { x: number; y: number }>();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  const zoom = (factor: number) => {
    camera.distance = Math.max(0.1, Math.min(100, camera.distance * factor));
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  };
  canvas.onpointermove = (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const apart = fingers.size > 1 ? spread() : 0;
    const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
    before.x = event.clientX;
    before.y = event.clientY;
    if (fingers.size > 1) zoom(apart / Math.max(1, spread()));
    else {
      camera.azimuth -= 0.008 * dx;
      camera.elevation = Math.max(-0.1, Math.min(1.55, camera.elevation + 0.008 * dy));
    }
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => void fingers.delete(event.pointerId);
  canvas.onwheel = (event) => {
    event.preventDefault();
    zoom(Math.exp(0.001 * event.deltaY));
  };
  requestAnimationFrame(tick);
}
