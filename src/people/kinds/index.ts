/** @file The table of the kinds of question. A new kind is a file in this folder and a line in the table. */

import * as z from "zod";
import type { QuestionKind } from "../kind.js";
import { action } from "./action.js";
import { comparison } from "./comparison.js";
import { critique } from "./critique.js";
import { label } from "./label.js";

const table = { action, comparison, critique, label };

type Table = typeof table;
type TypesOf<Q> = Q extends QuestionKind<infer T> ? T : never;

export type KindName = keyof Table;

/** The types of each kind: context, subject and reply. */
export type Kinds = { [K in KindName]: TypesOf<Table[K]> };

export const kinds: { readonly [K in KindName]: QuestionKind<Kinds[K]> } = table;

/** The schema of options that name a kind. */
export const kindName = () => z.enum(Object.keys(table) as KindName[]);
