/** @file Registers the environments of this project. */

import "./index.js";
