export * from "../../dist/src/supervisor/index.js";
