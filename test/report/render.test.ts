import { describe, expect, it } from "vitest";
import { renderReport } from "../../src/report/render.js";
import type { HeatmapSection, Report, Section } from "../../src/report/types.js";
import { byTag, findAll, markItems, parseMarkup, pathPoints } from "./markup.js";

const hostile = `</svg><script>alert("1")</script>&'`;

function report(...sections: Section[]): Report {
  return {
    title: "A report",
    summary: ["What was found."],
    sections,
    commands: ["npm start"],
    provenance: { node: "v20" },
  };
}

const curves: Section = {
  kind: "curves",
  title: "Gap against demonstrations",
  reading: "It falls.",
  xLabel: "demonstrations",
  yLabel: "gap",
  logX: true,
  series: [
    { name: "bc", points: [1, 2, 5, 10].map((x) => ({ x, y: 1 / x, low: 0.7 / x, high: 1.4 / x })) },
    { name: "dagger", points: [1, 2, 5, 10].map((x) => ({ x, y: 0.5 / x })) },
  ],
  references: [
    { y: 0.1, label: "the bound" },
    { y: 0.11, label: "another" },
  ],
  caption: "Five seeds.",
};

const table: Section = {
  kind: "table",
  title: "How close each came",
  reading: "Both came close.",
  columns: [
    { label: "learner" },
    { label: "return" },
    { label: "normalised", percent: true },
    { label: "labels" },
  ],
  rows: [
    ["bc", { value: 489.1, low: 470.2, high: 499.1 }, 0.978, 5000],
    ["dagger", { value: 500, low: 500, high: 500 }, 1, null],
  ],
};

const bars: Section = {
  kind: "bars",
  title: "Where the difference comes from",
  reading: "Mostly from one place.",
  xLabel: "contribution",
  bars: [
    { label: "measured gap", value: 0.32, low: 0.28, high: 0.36, emphasis: true },
    {
      label: "a long label that will not fit beside its value on a phone, however one turns it",
      value: -0.1,
    },
    { label: "missing", value: Number.NaN },
  ],
};

const heatmap: HeatmapSection = {
  kind: "heatmap",
  title: "Where value is lost",
  reading: "At the corner.",
  unit: "share of the gap",
  panels: ["bc", "dagger"].map((title, k) => ({
    title,
    rows: 2,
    columns: 3,
    values: [0, 0.1, Number.NaN, 0.5, -0.25 * k, 1],
    walls: [0, 0, 1, 0, 0, 0],
    labels: ["S", undefined, undefined, undefined, "L", "G"],
    arrows: [{ dx: 1, dy: 0 }, { dx: 0, dy: -1 }, { dx: 1, dy: 0 }, null, undefined, { dx: 0, dy: 0 }],
  })),
};

const text: Section = {
  kind: "text",
  title: "How to read it",
  reading: "From left to right.",
  paragraphs: ["One.", "Two."],
};
const everything = report(table, curves, bars, heatmap, text);

const wide = (source: string) =>
  findAll(parseMarkup(source), ({ attributes }) => attributes.class === "wide");

describe("renderReport", () => {
  it("is well-formed, with a viewport for phones", () => {
    const page = parseMarkup(renderReport(everything));
    const viewport = findAll(page, ({ tag, attributes }) => tag === "meta" && attributes.name === "viewport");
    expect(viewport[0].attributes.content).toContain("width=device-width");
    expect(byTag(page, "h1")[0].text).toBe("A report");
    expect(byTag(page, "h2").map((heading) => heading.text)).toEqual([
      ...everything.sections.map(({ title }) => title),
      "Do it again",
      "Where this comes from",
    ]);
  });

  it("is deterministic", () => {
    expect(renderReport(everything)).toBe(renderReport(structuredClone(everything)));
  });

  it("loads no resource and has no script", () => {
    const source = renderReport(everything);
    const page = parseMarkup(source);
    const fetching = findAll(
      page,
      ({ tag, attributes }) =>
        ["script", "link", "img", "iframe", "image", "use", "object"].includes(tag) ||
        "src" in attributes ||
        (attributes.href !== undefined && !attributes.href.startsWith("#")),
    );
    expect(fetching).toEqual([]);
    expect(source).not.toMatch(/url\(|@import|@font-face/);
    expect(source.replaceAll(/xmlns(:xlink)?="[^"]*"/g, "")).not.toMatch(/https?:/);
  });

  it("has unique element ids, and a title and a description for every chart", () => {
    const page = parseMarkup(renderReport(everything));
    const ids = findAll(page, ({ attributes }) => "id" in attributes).map(({ attributes }) => attributes.id);
    expect(new Set(ids).size).toBe(ids.length);
    const charts = findAll(page, ({ attributes }) => attributes.role === "img");
    expect(charts.length).toBe(6);
    for (const { attributes, children } of charts) {
      expect(attributes.viewBox).toMatch(/^0 0 \d+ \d+$/);
      expect(children[0]).toMatchObject({ tag: "title", attributes: { id: attributes["aria-labelledby"] } });
      expect(children[1]).toMatchObject({ tag: "desc", attributes: { id: attributes["aria-describedby"] } });
      expect(children[0].text.length * children[1].text.length).toBeGreaterThan(0);
    }
    expect(byTag(page, "table").every((element) => byTag(element, "caption").length === 1)).toBe(true);
  });

  it("escapes text that looks like markup", () => {
    const replaced = JSON.parse(
      JSON.stringify(everything, (_, value) => {
        const structural = ["curves", "table", "bars", "heatmap", "text"].includes(value);
        return typeof value === "string" && !structural ? value + hostile : value;
      }),
    );
    const page = parseMarkup(renderReport(replaced));
    expect(byTag(page, "script")).toEqual([]);
    expect(byTag(page, "h1")[0].text).toBe(`A report${hostile}`);
    expect(byTag(page, "code")[0].text).toBe(`npm start${hostile}`);
    expect(byTag(page, "li").some((item) => item.text === `dagger${hostile}`)).toBe(true);
    expect(byTag(page, "text").some((item) => item.text === `the bound${hostile}`)).toBe(true);
  });

  it("shows nested provenance by dotted names, and omits missing parts", () => {
    const provenance = { git: { commit: "abc", dirty: false }, none: undefined, command: ["node", "x"] };
    const rows = byTag(parseMarkup(renderReport({ ...report(), provenance })), "tr").map((row) =>
      row.children.map((cell) => cell.text),
    );
    expect(rows.slice(1)).toEqual([
      ["git.commit", "abc"],
      ["git.dirty", "false"],
      ["command", '["node","x"]'],
    ]);
  });
});

describe("a table", () => {
  it("contains its values, with numbers aligned right", () => {
    const [element] = byTag(parseMarkup(renderReport(report(table))), "table");
    const rows = byTag(element, "tr").map((row) => row.children.map((cell) => cell.text));
    expect(rows).toEqual([
      ["learner", "return", "normalised", "labels"],
      ["bc", "489 [470, 499]", "97.8 %", "5,000"],
      ["dagger", "500 [500, 500]", "100 %", "n/a"],
    ]);
    const sides = byTag(element, "tr")[1].children.map((cell) => cell.attributes.class);
    expect(sides).toEqual([undefined, "right", "right", "right"]);
  });

  it("has a note if it has no rows", () => {
    expect(renderReport(report({ ...table, rows: [] }))).toContain("No rows to show.");
  });
});

describe("curves", () => {
  it("draw a band around the line at every point", () => {
    const [chart] = wide(renderReport(report(curves)));
    const line = pathPoints(markItems(chart, "line-d0")[0].attributes.d);
    const band = pathPoints(markItems(chart, "band-d0")[0].attributes.d);
    expect(line.length).toBe(4);
    expect(band.length).toBe(8);
    line.forEach(([x, y], i) => {
      const [[upperX, upper], [lowerX, lower]] = [band[i], band[band.length - 1 - i]].sort(
        (a, b) => a[1] - b[1],
      );
      expect([upperX, lowerX]).toEqual([x, x]);
      // Downwards on the page is smaller in value.
      expect(upper).toBeLessThan(y);
      expect(lower).toBeGreaterThan(y);
    });
    expect(markItems(chart, "band-d1")).toEqual([]);
  });

  it("place points in proportion on a linear axis, and by ratio on a logarithmic one", () => {
    const [chart] = wide(renderReport(report(curves)));
    const xs = pathPoints(markItems(chart, "line-d0")[0].attributes.d).map(([x]) => x);
    const ys = pathPoints(markItems(chart, "line-d0")[0].attributes.d).map(([, y]) => y);
    expect((xs[1] - xs[0]) / (xs[3] - xs[2])).toBeCloseTo(1, 2);
    expect((xs[3] - xs[0]) / (xs[1] - xs[0])).toBeCloseTo(Math.log2(10), 2);
    expect((ys[1] - ys[0]) / (ys[2] - ys[0])).toBeCloseTo(0.5 / 0.8, 2);
  });

  it("name each series in a legend, and separate the labels of reference lines", () => {
    const source = renderReport(report(curves));
    const legend = findAll(parseMarkup(source), ({ attributes }) => attributes.class === "legend")[0];
    expect(byTag(legend, "li").map((item) => item.text)).toEqual(["bc", "dagger"]);
    const [chart] = wide(source);
    const labels = markItems(chart, "haloed");
    expect(labels.map((label) => label.text)).toEqual(["the bound", "another"]);
    const baselines = labels.map((label) => Number(/,(-?[\d.]+)\)/.exec(label.attributes.transform)?.[1]));
    expect(Math.abs(baselines[0] - baselines[1])).toBeGreaterThanOrEqual(14);
    expect(markItems(chart, "reference").length).toBe(2);
  });

  it("break at values that are not finite, and state how many are omitted", () => {
    const ys = [1, Number.NaN, 3, 4, Number.POSITIVE_INFINITY];
    const series = [{ name: "x", points: ys.map((y, x) => ({ x, y })) }];
    const source = renderReport(report({ ...curves, logX: false, series, references: [] }));
    expect(source).toContain("2 of 5 points are left out: not finite.");
    const [chart] = wide(source);
    const drawn = markItems(chart, "line-d0")[0].attributes.d;
    expect(drawn.match(/M/g)?.length).toBe(2);
    expect(drawn).not.toContain("NaN");
  });

  it("omit what a logarithmic axis cannot show, and let a band that reaches 0 end at its edge", () => {
    const series = [
      {
        name: "x",
        points: [
          { x: 1, y: 1, low: -0.5, high: 2 },
          { x: 2, y: 0, low: 0, high: 0 },
          { x: 4, y: 0.01, low: 0.005, high: 0.02 },
        ],
      },
    ];
    const source = renderReport(
      report({ ...curves, logY: true, series, references: [{ y: 0, label: "zero" }] }),
    );
    expect(source).toContain("1 of 3 points are left out");
    expect(source).not.toContain("NaN");
    expect(source).not.toContain("Infinity");
  });

  it("have a note if there is nothing to draw", () => {
    for (const points of [[], [{ x: 1, y: Number.NaN }]]) {
      const page = renderReport(report({ ...curves, series: [{ name: "x", points }], references: [] }));
      expect(page).toContain("Nothing to draw: there are no finite values.");
    }
  });

  it("draw a single point, a constant and a million-fold range with valid axes", () => {
    for (const ys of [[3], [0, 0, 0], [500, 500], [1e-7, 2e-7], [1, 1e6], [1e12, -1e12]]) {
      const series = [{ name: "x", points: ys.map((y, x) => ({ x, y })) }];
      const source = renderReport(report({ ...curves, logX: false, series, references: [] }));
      expect(source).not.toMatch(/NaN|Infinity|undefined/);
      const labels = findAll(
        wide(source)[0],
        ({ attributes }) => attributes.class?.includes("role-axis-label") ?? false,
      );
      expect(labels.length).toBe(2);
      for (const axis of labels) {
        const written = axis.children.map((label) => label.text);
        expect(new Set(written).size).toBe(written.length);
        expect(written.length).toBeGreaterThan(0);
      }
    }
  });

  it("thin thousands of points to the resolution of a screen, and keep the last", () => {
    const points = Array.from({ length: 20_000 }, (_, x) => ({ x, y: x }));
    const [chart] = wide(renderReport(report({ ...curves, logX: false, series: [{ name: "x", points }] })));
    const line = pathPoints(markItems(chart, "line-d0")[0].attributes.d);
    expect(line.length).toBeLessThanOrEqual(602);
    const rule = markItems(chart, "reference")[0];
    expect(line[line.length - 1][0]).toBeCloseTo(Number(rule.attributes.x2), 0);
  });

  it("are placed in a grid if compact, and drawn once", () => {
    const small: Section = { ...curves, compact: true };
    const page = parseMarkup(renderReport(report(text, small, small, text, small)));
    const grids = findAll(page, ({ attributes }) => attributes.class === "grid");
    expect(grids.map((grid) => byTag(grid, "section").length)).toEqual([2, 1]);
    expect(byTag(grids[0], "svg").length).toBe(2);
  });
});

describe("bars", () => {
  it("have the length of their values, with the interval's ends on both sides", () => {
    const [chart] = wide(renderReport(report(bars)));
    const lengths = markItems(chart, "bar").map(({ attributes }) => {
      const xs = pathPoints(attributes.d).map(([x]) => x);
      return Math.max(...xs) - Math.min(...xs);
    });
    expect(lengths[1] / lengths[0]).toBeCloseTo(0.1 / 0.32, 2);
    expect(lengths[2]).toBe(0);
    const [interval] = markItems(chart, "interval");
    expect(Math.abs(Number(interval.attributes.x2)) / lengths[0]).toBeCloseTo(0.08 / 0.32, 2);
  });

  it("wrap long labels, show values with intervals, and n/a for missing values", () => {
    const page = parseMarkup(renderReport(report(bars)));
    const [narrow] = findAll(page, ({ attributes }) => attributes.class === "narrow");
    const shown = byTag(narrow, "text").map((element) => element.text);
    expect(shown).toContain("0.32 [0.28, 0.36]");
    expect(shown).toContain("n/a");
    expect(byTag(narrow, "tspan").length).toBeGreaterThan(1);
    const all = byTag(page, "details")[0];
    expect(all.text).toContain(
      "a long label that will not fit beside its value on a phone, however one turns it",
    );
  });

  it("have a note if there is nothing to draw", () => {
    for (const none of [[], [{ label: "x", value: Number.NaN }]]) {
      expect(renderReport(report({ ...bars, bars: none }))).toContain("Nothing to draw");
    }
  });
});

describe("a heatmap", () => {
  it("draws every cell of every panel, shaded by its share of the largest value", () => {
    const [chart] = wide(renderReport(report(heatmap)));
    const cells = markItems(chart, "cell");
    expect(cells.length).toBe(12);
    const opacity = cells.map(({ attributes }) => Number(attributes["fill-opacity"]));
    expect([0, 1, 3, 5].map((i) => opacity[i])).toEqual([0, 0.1, 0.5, 1]);
    expect(cells[2].attributes.fill).toBe("var(--wall)");
    expect(cells[10].attributes.fill).toBe("var(--heat-below)");
    expect(opacity[10]).toBe(0.25);
    const [roots] = wide(renderReport(report({ ...heatmap, squareRoot: true })));
    expect(Number(markItems(roots, "cell")[10].attributes["fill-opacity"])).toBe(0.5);
  });

  it("shows labels, and arrows in the direction of the action", () => {
    const [chart] = wide(renderReport(report(heatmap)));
    expect(markItems(chart, "label").map((label) => label.text)).toEqual(["S", "L", "G", "S", "L", "G"]);
    const arrows = markItems(chart, "arrow");
    expect(arrows.length).toBe(4);
    expect(arrows[0].attributes.transform).toContain("rotate(90)");
    expect(arrows[1].attributes.transform).not.toContain("rotate(");
  });

  it("lists the largest cells as text", () => {
    const rows = byTag(byTag(parseMarkup(renderReport(report(heatmap))), "details")[0], "tr");
    expect(rows[1].children.map((cell) => cell.text)).toEqual(["bc", "2", "3", "1"]);
  });

  it("draws all-zero panels without a scale, and has a note if nothing is finite", () => {
    const panel = { ...heatmap.panels[0], values: new Float64Array(6) };
    const [chart] = wide(renderReport(report({ ...heatmap, panels: [panel] })));
    expect(markItems(chart, "cell").length).toBe(6);
    expect(markItems(chart, "scale")).toEqual([]);
    const empty = { ...panel, values: new Float64Array(6).fill(Number.NaN) };
    expect(renderReport(report({ ...heatmap, panels: [empty] }))).toContain("Nothing to draw");
    expect(renderReport(report({ ...heatmap, panels: [] }))).toContain("Nothing to draw");
  });

  it("fits a grid into the page while its cells are readable, and scrolls a longer one", () => {
    const corridor = (columns: number) => {
      const panel = { title: "corridor", rows: 1, columns, values: new Float64Array(columns).fill(1) };
      return parseMarkup(renderReport(report({ ...heatmap, panels: [panel, panel] })));
    };
    const chartsOf = (columns: number) =>
      findAll(corridor(columns), ({ attributes }) => attributes.role === "img").map(({ attributes }) =>
        Number(attributes.width),
      );
    expect(chartsOf(20)).toEqual([720, 360]);
    expect(chartsOf(40)).toEqual([720, 40 * 14 + 2]);
    expect(chartsOf(60)).toEqual([60 * 14 + 2, 60 * 14 + 2]);
    const scrolling = findAll(
      corridor(40),
      ({ tag, attributes }) => tag === "div" && attributes.class === "scroll narrow",
    );
    expect(byTag(scrolling[0], "svg").length).toBe(1);
  });

  it("omits the arrow of a labelled cell without room for both", () => {
    const columns = 40;
    const labels = ["S"];
    const arrows = new Array(columns).fill({ dx: 1, dy: 0 });
    const panel = {
      title: "corridor",
      rows: 1,
      columns,
      values: new Float64Array(columns).fill(1),
      labels,
      arrows,
    };
    const [chart] = wide(renderReport(report({ ...heatmap, panels: [panel] })));
    expect(markItems(chart, "arrow").length).toBe(39);
  });
});
