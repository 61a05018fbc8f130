export { default } from "holdfast/dist/hosts/esp32/setup.js";
