export * from "holdfast/dist/src/scheduler/index.js";
