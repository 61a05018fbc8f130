export * from "holdfast/dist/src/supervisor/index.js";
