export * from "holdfast/dist/src/statechart/index.js";
