/** @file A browser sends no signals. */

import { needsNode } from "../errors.js";

export const listen = needsNode("handleInterrupt hears Ctrl-C; in a page use signal");
