export * from "holdfast/dist/src/watchdog/index.js";
