export * from "holdfast/dist/hosts/esp32/index.js";
