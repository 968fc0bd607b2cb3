/** @file Plays the pictures of segments in step, with controls: play, scrub, slower. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Asked } from "../../src/teaching/wire.js";
import { type Command, CommandButton } from "./commands.js";
import { type Images, imagesOf, keepPainted } from "./film.js";
import { Numbers } from "./numbers.js";

/** Time that the last picture stays before the replay starts again (s). */
const REST = 0.7;

const SPEEDS = [0.25, 0.5, 1, 2];

const prefersStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The images of a question once they are decoded. */
export function useImages(asked: Asked | undefined): Images | undefined {
  const [found, set] = useState<{ asked: Asked; images: Images }>();
  useEffect(() => {
    let isCurrent = true;
    if (asked) void imagesOf(asked).then((images) => isCurrent && set({ asked, images }));
    return () => {
      isCurrent = false;
    };
  }, [asked]);
  return found?.asked === asked ? found?.images : undefined;
}

export interface Playback {
  frame: number;
  isPlaying: boolean;
  speed: number;
  count: number;
  commands: Command[];
  scrub(frame: number): void;
}

/** The frame of `count` that is shown now; plays in a loop unless the person prefers stillness. */
export function usePlayback(id: number | undefined, count: number, rate: number, screen: string): Playback {
  const [frame, show] = useState(0);
  const [isPlaying, play] = useState(!prefersStillness());
  const [speed, setSpeed] = useState(1);
  const time = useRef(0);
  useLayoutEffect(() => {
    time.current = 0;
    show(0);
    play(!prefersStillness());
  }, [id]);
  useEffect(() => {
    if (!isPlaying || count < 2) return;
    let last = performance.now();
    let request = requestAnimationFrame(function tick(now) {
      time.current += (speed * (now - last)) / 1000;
      last = now;
      if (time.current > count / rate + REST) time.current = 0;
      show(Math.min(count - 1, Math.floor(time.current * rate)));
      request = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(request);
  }, [isPlaying, speed, count, rate, id]);
  const scrub = (to: number) => {
    play(false);
    const next = Math.min(count - 1, Math.max(0, to));
    time.current = next / rate;
    show(next);
  };
  const commands: Command[] = [
    {
      name: `${screen}.play`,
      label: isPlaying ? "Pause" : "Play",
      keys: [" "],
      run: () => play(!isPlaying),
    },
    {
      name: `${screen}.replay`,
      label: "Replay",
      keys: ["r"],
      run() {
        time.current = 0;
        show(0);
        play(true);
      },
    },
    {
      name: `${screen}.speed`,
      label: `Speed ${speed === 0.25 ? "¼" : speed === 0.5 ? "½" : speed}×`,
      keys: ["v"],
      run: () => setSpeed(SPEEDS[(SPEEDS.indexOf(speed) + SPEEDS.length - 1) % SPEEDS.length]),
    },
    { name: `${screen}.back`, label: "Step back", keys: [","], run: () => scrub(frame - 1) },
    { name: `${screen}.on`, label: "Step on", keys: ["."], run: () => scrub(frame + 1) },
  ];
  return { frame, isPlaying, speed, count, commands, scrub };
}

/** The controls of a playback. */
export function Controls({ playback, more = [] }: { playback: Playback; more?: readonly Command[] }) {
  const { frame, count, scrub, commands } = playback;
  return (
    <div class="controls">
      <input
        type="range"
        min={0}
        max={Math.max(0, count - 1)}
        value={frame}
        aria-label="Step of both replays"
        onInput={(event) => scrub(Number(event.currentTarget.value))}
      />
      <output>
        {frame} / {Math.max(0, count - 1)}
      </output>
      <div class="tools">
        {[...commands, ...more].map((command) => (
          <CommandButton key={command.name} command={command} />
        ))}
      </div>
    </div>
  );
}

export interface ReplayProps {
  title: string;
  /** The images, or undefined while they are made. */
  images?: readonly HTMLImageElement[];
  frame: number;
  /** Shown where there are no pictures. */
  segment?: { observations: (number | number[])[]; actions: (number | number[])[] };
  names?: readonly string[];
  description: string;
}

/** One replay: a picture, or numbers and curves where there is none. */
export function Replay({ title, images, frame, segment, names, description }: ReplayProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current && images)
      return keepPainted(canvas.current, images[Math.min(frame, images.length - 1)]);
  }, [images, frame]);
  return (
    <figure class="replay">
      {title && (
        <figcaption>
          {title}
          {segment && frame >= segment.actions.length && <b> ended</b>}
        </figcaption>
      )}
      {images?.length !== 0 || !segment ? (
        <canvas ref={canvas} role="img" aria-label={description} />
      ) : (
        <Numbers rows={segment.observations} frame={frame} names={names} />
      )}
    </figure>
  );
}
