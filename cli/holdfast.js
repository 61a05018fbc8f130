#!/usr/bin/env node
/** Starts the compiled command, or says in one line that it is not compiled. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(fileURLToPath(main))) {
  await import(main.href);
} else {
  console.error("holdfast: dist/ is missing; run `npm install` (or `npm run build`) in the package first");
  process.exitCode = 1;
}
