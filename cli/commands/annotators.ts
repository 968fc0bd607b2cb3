/** @file `understudy-rl annotators <answers>`: how reliable each annotator is, and what they take for what. */

import * as z from "zod";
import type { Judgement } from "../../src/crowds/index.js";
import { confusionSection } from "../../src/report/confusion-sections.js";
import { formatNumber } from "../../src/report/format.js";
import type { Report } from "../../src/report/types.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { annotatorColumns, answersFields, judgedAnswers, printAnnotators, warnOf } from "../answers.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";

const schema = z.strictObject({
  ...answersFields,
  show: z.int().min(0).default(20).describe("number of annotators to list, the least able first"),
  out: z.string().optional().describe("HTML file with the table and the confusion matrices; unset: none"),
  json,
});

export const annotatorsCommand: Command<typeof schema> = {
  name: "annotators",
  schema,
  positionals: ["answers"],
  examples: ["annotators answers.csv --out annotators.html", "annotators answers.csv --method mace --show 5"],

  async run({ method, show, out, json, ...asked }) {
    const { annotations, fit, optima, agreed, people } = await judgedAnswers({ method, ...asked });
    const { krippendorffAlpha, fleissKappa } = agreed;
    const facts = {
      krippendorffAlpha,
      fleissKappa,
      identicalPairs: agreed.pairs.filter((pair) => pair.identical).length,
    };
    if (out !== undefined) {
      const order = new Map(people.map((person) => [person.annotator, person.labels]));
      const section =
        fit.confusion &&
        confusionSection({
          classes: annotations.names.classes,
          annotators: annotations.names.annotators,
          confusion: fit.confusion,
          labels: annotations.names.annotators.map((name) => order.get(name)!),
        });
      const { renderReport } = await import("../../src/report/render.js");
      const report = reportOf(asked.answers, method, people, facts, section ? [section] : []);
      await writeFileAtomic(out, new TextEncoder().encode(renderReport(report)));
    }
    if (json) return printJson({ method, ...facts, annotators: people });
    print(`Krippendorff's α  ${formatNumber(krippendorffAlpha, 3)}`);
    print(`Fleiss' κ         ${formatNumber(fleissKappa, 3)}`);
    print(`identical pairs   ${facts.identicalPairs}`);
    printAnnotators(people, show);
    warnOf(annotations, fit, optima);
    if (out !== undefined) print(`\nreport      ${out}`);
  },
};

function reportOf(
  answers: string,
  method: string,
  people: readonly Judgement[],
  { krippendorffAlpha, identicalPairs }: { krippendorffAlpha: number; identicalPairs: number },
  sections: Report["sections"],
): Report {
  const [least] = people;
  const columns = annotatorColumns(people);
  return {
    title: `Annotators of ${answers}`,
    subtitle: `Model: ${method}`,
    summary: [
      `${people.length} annotators agree with Krippendorff's α = ${formatNumber(krippendorffAlpha, 3)}. The least able, ` +
        `${least.annotator}, is right in ${formatNumber(100 * least.right, 2)} % of ${least.labels} labels. ` +
        `${identicalPairs} pairs give the same answers to all common items.`,
    ],
    sections: [
      {
        kind: "table",
        title: "Annotators",
        reading: "The least able first.",
        caption:
          "Right: the expected share of right labels, by the probabilities of the classes of the items, with a 95 % interval. " +
          "Ability: the model's probability of a right answer. Seconds: the median; under a third of that of the median " +
          "annotator it says hurries.",
        columns: columns.map(({ label, align }) => ({ label, align })),
        rows: people.map((person) => columns.map(({ cell }) => cell(person))),
      },
      ...sections,
    ],
    commands: [`npx understudy-rl annotators ${answers} --method ${method}`],
    provenance: { answers, method },
  };
}
