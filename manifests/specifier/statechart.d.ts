export * from "../../dist/src/statechart/index.js";
