export * from "holdfast/dist/src/image/index.js";
