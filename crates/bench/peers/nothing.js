"use strict";
require("./runtime.js").run(async () => null);
