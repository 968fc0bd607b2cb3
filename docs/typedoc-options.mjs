/** @file A plugin of TypeDoc: the page of an options type has the table of its options, from the schema. */

import { Comment, Converter, ReflectionKind } from "typedoc";
import { optionTypes } from "../dist/experiments/reference/pages.js";

export function load(app) {
  const tables = optionTypes();
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const kinds = ReflectionKind.TypeAlias | ReflectionKind.Interface;
    for (const reflection of project.getReflectionsByKind(kinds)) {
      const table = tables[reflection.name];
      if (table === undefined) continue;
      reflection.comment ??= new Comment();
      reflection.comment.summary.push({ kind: "text", text: `\n\n${table}` });
    }
  });
}
