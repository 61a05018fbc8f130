export * from "../../dist/hosts/esp32/index.js";
