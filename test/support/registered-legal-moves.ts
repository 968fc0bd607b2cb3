/** @file The game of legal moves as a module that worker threads load. */

import { register } from "../../src/env/registry.js";
import { LegalMoves } from "./legal-moves.js";

register({ id: "LegalMovesModule-v0", make: () => new LegalMoves(), module: import.meta.url });
