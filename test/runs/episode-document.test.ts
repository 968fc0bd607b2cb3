/** @file The page of an episode: its script runs, shows every picture once, and says what was done. */

import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { RecordedEpisode } from "../../src/measure/record-episodes.js";
import { episodeDocument, intervalOf } from "../../src/runs/episode-document.js";

const svg = (text: string) => `<svg width="30" height="20">\n<rect/>\n<text>${text}</text>\n</svg>`;
const episode: RecordedEpisode = {
  pictures: ["a", "b", "</script>"].map((text) => ({ svg: svg(text) })),
  actions: ["left", "right"],
  rewards: [1, -3],
  ending: "terminated",
};

/** Runs the script of a page, and shows the frame at each of these times (ms). */
function shown(html: string, times: number[]) {
  const script = /<script>\n([\s\S]*)<\/script>/.exec(html)![1];
  const elements: Record<string, Record<string, unknown>> = { select: { value: "1" } };
  const left: string[] = [];
  let next: ((now: number) => void) | undefined;
  runInNewContext(script, {
    document: { querySelector: (selector: string) => (elements[selector] ??= {}) },
    location: { hash: "", assign: (url: string) => left.push(url) },
    performance: { now: () => 0 },
    requestAnimationFrame: (tick: (now: number) => void) => {
      next = tick;
    },
  });
  const frames = times.map((now) => {
    next!(now);
    return [elements.figure.innerHTML, elements.p.textContent];
  });
  return { frames, left, elements };
}

describe("the page of an episode", () => {
  it("shows every picture in its time, with the action, the reward and the return", () => {
    const html = episodeDocument([episode], { title: "A <b>", rate: 10 });
    expect(html).toContain("<title>A &#60;b&#62;</title>");
    expect(html).not.toMatch(/src=|href=|https?:(?!\/\/www\.w3\.org)/);
    const { frames, elements } = shown(html, [0, 150, 250]);
    const view = (text: string) => svg(text).replace("<svg", '<svg viewBox="0 0 30 20"');
    expect(frames).toEqual([
      [view("a"), "start"],
      [view("b"), "step 1 · action left · reward 1 · return 1"],
      [view("</script>"), "step 2 · action right · reward −3 · return −2 · terminated"],
    ]);
    expect(elements.output.textContent).toBe("0.20 s");
  });

  it("starts again, or goes on to the next page once", () => {
    const times = [0, 290, 310, 320];
    expect(shown(episodeDocument([episode], { title: "", rate: 10 }), times).left).toEqual([]);
    const going = episodeDocument([episode], { title: "", rate: 10, next: "/episode/1" });
    expect(shown(going, times).left).toEqual(["/episode/1"]);
  });

  it("stores equal lines of pictures once, and plays several episodes", () => {
    const long = { ...episode, pictures: episode.pictures.map(() => ({ svg: svg("x".repeat(1000)) })) };
    const html = episodeDocument([long, long], { title: "", rate: 4 });
    expect(html.match(/x{1000}/g)).toHaveLength(1);
    expect(shown(html, [0, 800]).frames[1][1]).toBe("episode 2 · start");
    expect(intervalOf([long], 4)).toBe(0.25);
  });

  it("draws text, escaped, in a picture of its size", () => {
    const text = { ...episode, pictures: [{ text: "a<b\nlonger" }, { text: "c" }, { text: "d" }] };
    const [first] = shown(episodeDocument([text], { title: "", rate: 4 }), [0]).frames;
    expect(first[0]).toContain(">a&lt;b</text>");
    expect(first[0]).toContain('viewBox="0 0 104 80"');
  });
});
