/** @file Frames, pictures and replays of a simulation. */

import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Data } from "../../../../envs/mujoco/physics/physics.js";
import { wasmPhysics } from "../../../../envs/mujoco/physics/wasm.js";
import { frameOf } from "../../../../envs/mujoco/render/frame.js";
import { distanceFor, project } from "../../../../envs/mujoco/render/projection.js";
import { replayHtml } from "../../../../envs/mujoco/render/replay.js";
import { cameraOf, sceneSvg } from "../../../../envs/mujoco/render/svg.js";
import { drive, KICKER } from "../physics/models.js";

const model = (await wasmPhysics()).compile(KICKER);

function episode(steps: number) {
  const data: Data = model.createData();
  data.forward();
  const frames = Array.from({ length: steps }, (_, t) => {
    drive(data.ctrl, t);
    data.step(2);
    return frameOf(model, data);
  });
  data.free();
  return frames;
}

describe("a frame", () => {
  it("contains every shape with size, colour and position, as plain data", () => {
    const data = model.createData();
    data.forward();
    const frame = frameOf(model, data);
    expect(frame.geoms.map(({ name, body, shape }) => [name, body, shape])).toEqual([
      ["floor", "world", "plane"],
      ["trunk", "torso", "sphere"],
      ["left leg", "left", "capsule"],
      ["right leg", "right", "box"],
    ]);
    expect(frame.geoms[1]).toMatchObject({ position: [0, 0, 0.6], rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] });
    expect(frame.geoms[1].size[0]).toBe(0.15);
    expect(frame.geoms[3].position.map((x) => Math.round(100 * x) / 100)).toEqual([-0.25, 0, 0.45]);
    expect(structuredClone(frame)).toEqual(frame);
    // It is a copy: it stays as it was.
    data.step(20);
    expect(frame.centre).toEqual([0, 0, 0.6]);
    expect(frameOf(model, data).centre[2]).toBeLessThan(0.6);
    data.free();
  });
});

describe("the projection", () => {
  const [frame] = episode(1);
  const camera = cameraOf(frame, "side", 3);

  it("centres the target, with x to the right and z upwards, and larger when nearer", () => {
    const ball = (x: number, y: number, z: number) => {
      const [cx, cy, cz] = frame.centre;
      const geom = { ...frame.geoms[1], position: [cx + x, cy + y, cz + z] as [number, number, number] };
      const [paint] = project({ ...frame, geoms: [geom] }, camera, 200, 100);
      return { at: paint.points[0], radius: paint.radii?.[0] as number };
    };
    const middle = ball(0, 0, 0);
    expect(middle.at.map((x) => Math.round(x))).toEqual([100, 50]);
    expect(middle.radius).toBeCloseTo((1.5 * 100 * 0.15) / 3, 6);
    expect(ball(0.5, 0, 0).at[0]).toBeGreaterThan(110);
    expect(ball(0, 0, 0.5).at[1]).toBeLessThan(40);
    expect(ball(0, -0.5, 0).radius).toBeGreaterThan(middle.radius);
  });

  it("paints the ground first, then shapes from back to front, and at most three faces of a box", () => {
    const paints = project(frame, camera, 200, 100);
    const firstSolid = paints.findIndex(({ fill }) => fill[3] === 1);
    const solids = paints.slice(firstSolid);
    expect(firstSolid).toBeGreaterThan(10);
    expect(solids.every(({ fill }) => fill[3] === 1)).toBe(true);
    for (let i = 1; i < solids.length; i++) expect(solids[i].depth).toBeLessThanOrEqual(solids[i - 1].depth);
    const faces = solids.filter(({ radii }) => !radii).length;
    expect(faces).toBeGreaterThan(0);
    expect(faces).toBeLessThanOrEqual(3);
  });

  it("keeps all moving parts in the picture, from every side", () => {
    for (const view of ["side", "front", "top", "corner"] as const) {
      const solids = project(frame, cameraOf(frame, view), 300, 300).filter(({ fill }) => fill[3] === 1);
      for (const [x, y] of solids.flatMap(({ points }) => points)) {
        expect(Math.min(x, y)).toBeGreaterThan(0);
        expect(Math.max(x, y)).toBeLessThan(300);
      }
    }
    expect(distanceFor(frame)).toBeGreaterThan(0.5);
  });
});

describe("an SVG picture", () => {
  it("has its own background, the requested size, and only finite numbers", () => {
    const svg = sceneSvg(episode(5)[4], { view: "side", width: 200, height: 100 });
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 200 100"/);
    expect(svg).toContain('fill="#f4f7fa"');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg.match(/<path/g)?.length).toBeGreaterThanOrEqual(6);
  });
});

describe("a replay", () => {
  it("is one small file that loads no other", () => {
    const html = replayHtml(episode(50), { title: "A <kicker>" });
    expect(html.length).toBeLessThan(60_000);
    expect(html).toContain("<title>A &#60;kicker&#62;</title>");
    expect(html).not.toMatch(/src=|href=|https?:|import\s*\(/);
    expect(html).toContain("prefers-color-scheme: dark");
  });

  it("paints the frames in a page: the script runs, and each frame differs", () => {
    const html = replayHtml(episode(3), { dt: 0.1 });
    const script = /<script>\n([\s\S]*)<\/script>/.exec(html)?.[1] as string;
    const painted: string[][] = [];
    /** The points of the path, and whether each path that was stroked has a length: a canvas paints none without. */
    let path: number[][] = [];
    const strokes: boolean[] = [];
    const context = new Proxy(
      {},
      {
        get: (_, name) => (x: number, y: number) => {
          if (name === "clearRect") painted.push([]);
          if (name === "beginPath") path = [];
          if (name === "stroke")
            strokes.push(path.some(([px, py]) => px !== path[0][0] || py !== path[0][1]));
          if (name === "lineTo") {
            path.push([x, y]);
            painted.at(-1)?.push(`${x.toFixed(2)} ${y.toFixed(2)}`);
          }
        },
        set: () => true,
      },
    );
    const canvas = { clientWidth: 300, clientHeight: 200, getContext: () => context };
    const elements: Record<string, object> = { canvas, select: { value: "1" } };
    let next: ((now: number) => void) | undefined;
    runInNewContext(script, {
      document: { querySelector: (selector: string) => (elements[selector] ??= {}) },
      location: { hash: "" },
      performance: { now: () => 0 },
      devicePixelRatio: 2,
      atob,
      requestAnimationFrame: (tick: (now: number) => void) => {
        next = tick;
      },
    });
    for (const now of [0, 150, 250]) next?.(now);
    expect(painted).toHaveLength(3);
    expect(strokes.length).toBeGreaterThan(0);
    expect(strokes).not.toContain(false);
    expect(new Set(painted.map((points) => points.join())).size).toBe(3);
    expect(painted[0].length).toBeGreaterThan(40);
    expect(painted[0].join()).not.toMatch(/NaN|Infinity/);
    expect(elements.output).toMatchObject({ textContent: "0.20 s" });
  });

  it("is refused without frames, and with frames of different models", () => {
    const frames = episode(2);
    expect(() => replayHtml([])).toThrow("no frames");
    frames[1].geoms.pop();
    expect(() => replayHtml(frames)).toThrow("must all be of the same model");
  });
});
