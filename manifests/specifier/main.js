export { default } from "holdfast/dist/hosts/esp32/main.js";
