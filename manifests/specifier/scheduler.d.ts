export * from "../../dist/src/scheduler/index.js";
