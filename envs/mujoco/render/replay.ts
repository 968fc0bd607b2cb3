/**
 * @file An HTML file that replays an episode without a server, other files or WebGL. It has play, pause and a time
 * slider; dragging turns the view, and the wheel or two fingers zoom. The camera follows the robot.
 */

import type { Frame } from "./frame.js";
import { type Playback, playFrames, replayPage, scriptJson } from "./page.js";
import { distanceFor, project } from "./projection.js";
import { cameraOf } from "./svg.js";

export interface ReplayOptions {
  title?: string;
  /** Time between frames (s); unset: from the times of the frames. */
  dt?: number;
  /** Address of a page to show after the last frame; unset: the episode starts again. */
  next?: string;
}

/** Numbers per shape and frame: the position and the first two rows of the rotation matrix. */
const NUMBERS = 9;

/**
 * The HTML document of a replay.
 *
 * @throws {Error} if there are no frames, or if frames differ in their number of shapes.
 */
export function replayHtml(
  frames: readonly Frame[],
  { title = "Episode", dt, next }: ReplayOptions = {},
): string {
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
  const episode = { geoms, count: frames.length, dt: seconds, next, camera, motion: base64(motion) };
  return replayPage(
    title,
    '<canvas aria-label="The episode. Drag to turn, use the wheel or two fingers to zoom."></canvas>',
    `const project = ${project.toString()};\nconst play = ${playFrames.toString()};\n` +
      `(${player.toString()})(${scriptJson(episode)}, project, play);`,
  );
}

function base64(numbers: Float32Array): string {
  const bytes = new Uint8Array(numbers.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

interface Episode extends Playback {
  geoms: Pick<Frame["geoms"][number], "shape" | "size" | "colour">[];
  camera: ReturnType<typeof cameraOf>;
  motion: string;
}

/** Runs in the page, from its source text: it may only use its arguments and browser functions. */
function player(episode: Episode, draw: typeof project, play: typeof playFrames): void {
  const { geoms, dt, camera, motion } = episode;
  const numbers = new Float32Array(Uint8Array.from(atob(motion), (c) => c.charCodeAt(0)).buffer);
  const find = <E extends Element>(selector: string) => document.querySelector(selector) as E;
  const canvas = find<HTMLCanvasElement>("canvas");
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;

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

  function paint(k: number): void {
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
  }

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
  play(episode, paint);
}
