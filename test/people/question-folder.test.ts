/** @file A question folder: arbitrary files dropped into it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KindName } from "../../src/people/index.js";
import { kinds } from "../../src/people/kinds/index.js";
import { QuestionFolder } from "../../src/people/question-folder.js";
import { answerOf, cases, kindNames, requestOf } from "./kind-cases.js";
import { memoryDrop, queriesIn } from "./memory-drop.js";

function suite<K extends KindName>(kind: K) {
  const values: unknown[] = [cases[kind].written.value, ...cases[kind].bad.map(([value]) => value)];

  const entry = fc.record(
    {
      id: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.anything()),
      annotator: fc.oneof(fc.string(), fc.anything()),
      [cases[kind].written.field]: fc.oneof(fc.constantFrom(...values), fc.anything()),
      skipped: fc.oneof(fc.boolean(), fc.anything()),
      withdrawn: fc.oneof(fc.boolean(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const content = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .array(entry)
      .map((answers) => JSON.stringify({ answers }, (_, x) => (typeof x === "bigint" ? `${x}` : x))),
    fc
      .tuple(fc.array(entry), fc.nat(200))
      .map(([answers, cut]) =>
        JSON.stringify(answers, (_, x) => (typeof x === "bigint" ? `${x}` : x)).slice(0, cut),
      ),
  );

  it("reads any file as answers or problems, never throws, and keeps valid answers beside invalid ones", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), async (contents) => {
        const folder = memoryDrop();
        for (const [i, text] of contents.entries()) folder.drop(`answers-b${i}.json`, text);
        const { field, value } = cases[kind].written;
        folder.drop("answers-a.json", [{ id: 1, [field]: value }]);
        folder.drop("answers-c.json", [{ id: 2, withdrawn: true }]);
        const questions = new QuestionFolder(kind, folder);
        await questions.ask(requestOf(kind));
        const found = await questions.read(requestOf(kind));
        for (const answer of found.values()) {
          expect([1, 2, 3]).toContain(answer.id);
          if ("skipped" in answer || "withdrawn" in answer) continue;
          const { field: name, read, write } = kinds[kind];
          expect(
            read(write(answer), cases[kind].context, cases[kind].subjects[answer.id - 1]),
          ).toHaveProperty(name);
        }
        const one = found.get(1)!;
        if (!("withdrawn" in one)) expect(one).toEqual(answerOf(kind, 1));
        expect(found.get(2)).toMatchObject({ id: 2, withdrawn: true });
        expect(queriesIn(folder).map(({ id }) => id)).toEqual([1, 2, 3]);
      }),
      { numRuns: 100, seed: 5 },
    );
  });
}

describe.each(kindNames)("a folder of questions of kind %s", suite);
