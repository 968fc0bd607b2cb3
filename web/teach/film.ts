/** @file The pictures of a question as images, which cannot run scripts, and a canvas that shows them. */

import type { Asked, Film } from "../../src/teaching/wire.js";

/** The images of each part, in order. */
export type Images = Record<string, HTMLImageElement[]>;

const known = new WeakMap<Asked, Promise<Images>>();

/** The images of a question, made once; they are decoded when this resolves. */
export function imagesOf(asked: Asked): Promise<Images> {
  const before = known.get(asked);
  if (before) return before;
  const made = make(asked);
  known.set(asked, made);
  return made;
}

async function make({ film, trace = [] }: Asked): Promise<Images> {
  if (!film) return {};
  const parts = { ...film.parts, trace };
  const entries = Object.entries(parts).map(async ([name, frames]) => {
    const images = frames.map((frame) => imageOf(documentOf(film, frame)));
    await Promise.all(images.map((image) => image.decode().catch(() => {})));
    return [name, images] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const documentOf = ({ lines }: Film, frame: readonly number[]) => frame.map((line) => lines[line]).join("\n");

/** An SVG document as an image. Scripts and addresses in it have no effect in an image. */
export function imageOf(svg: string): HTMLImageElement {
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const image = new Image();
  const release = () => URL.revokeObjectURL(url);
  image.onload = release;
  image.onerror = release;
  image.src = url;
  return image;
}

/** Paints an image, and again whenever the canvas has another size. @returns a function that ends this */
export function keepPainted(canvas: HTMLCanvasElement, image: HTMLImageElement | undefined): () => void {
  paint(canvas, image);
  const observer = new ResizeObserver(() => paint(canvas, image));
  observer.observe(canvas);
  return () => observer.disconnect();
}

/** Paints an image as large as the canvas allows. */
function paint(canvas: HTMLCanvasElement, image: HTMLImageElement | undefined): void {
  const { clientWidth, clientHeight } = canvas;
  const scale = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d")!;
  context.clearRect(0, 0, width, height);
  if (!image?.naturalWidth) return;
  const size = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  const [w, h] = [image.naturalWidth * size, image.naturalHeight * size];
  context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
}
