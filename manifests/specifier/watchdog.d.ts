export * from "../../dist/src/watchdog/index.js";
