/**
 * Lines of an sdkconfig file, as mcconfig reads them and a little stricter, so that none of them is lost without a word.
 *
 * mcconfig passes over each line that begins with `#`, cuts a value at its second `=` and keeps a comment behind a value as
 * part of the value. ESP-IDF reads the same file otherwise. What the two would read differently is refused, or written so that
 * they agree. See docs/spec/sdkconfig.md.
 */
import { FirmwareError } from "../../src/errors.js";

/** One setting and where it stands. */
export interface Assignment {
  /** The symbol by its present name, with `CONFIG_`. */
  readonly symbol: string;
  /** As it is written to a file; off is `n`. */
  readonly value: string;
  /** `file:line`, or the option that it comes from. */
  readonly place: string;
  /** As it stands there. */
  readonly text: string;
}

const NOT_SET = /^#\s*(CONFIG_\w+) is not set$/;
const SET = /^(CONFIG_\w+)=(.*)$/;
const VALUE = /^(?:[yn]|-?\d+|0x[0-9a-f]+|"(?:[^"\\=]|\\[^=])*")$/i;

/** Names that ESP-IDF still takes for those of our fragment: by its sdkconfig.rename files, v6.0. */
const RENAMED: Readonly<Record<string, string>> = Object.freeze({
  CONFIG_APP_ROLLBACK_ENABLE: "CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE",
  CONFIG_BROWNOUT_DET: "CONFIG_ESP_BROWNOUT_DET",
  CONFIG_ESP32_BROWNOUT_DET: "CONFIG_ESP_BROWNOUT_DET",
  CONFIG_ESP32C3_BROWNOUT_DET: "CONFIG_ESP_BROWNOUT_DET",
  CONFIG_ESP32S3_BROWNOUT_DET: "CONFIG_ESP_BROWNOUT_DET",
  CONFIG_ESP32_ENABLE_COREDUMP_TO_FLASH: "CONFIG_ESP_COREDUMP_ENABLE_TO_FLASH",
  CONFIG_ESP32_ENABLE_COREDUMP_TO_NONE: "CONFIG_ESP_COREDUMP_ENABLE_TO_NONE",
  CONFIG_ESP32_ENABLE_COREDUMP_TO_UART: "CONFIG_ESP_COREDUMP_ENABLE_TO_UART",
  CONFIG_ESP32_PANIC_GDBSTUB: "CONFIG_ESP_SYSTEM_PANIC_GDBSTUB",
  CONFIG_ESP32_PANIC_PRINT_HALT: "CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT",
  CONFIG_ESP_TASK_WDT: "CONFIG_ESP_TASK_WDT_INIT",
  CONFIG_INT_WDT: "CONFIG_ESP_INT_WDT",
  CONFIG_TASK_WDT: "CONFIG_ESP_TASK_WDT_INIT",
  CONFIG_TASK_WDT_CHECK_IDLE_TASK_CPU0: "CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0",
  CONFIG_TASK_WDT_CHECK_IDLE_TASK_CPU1: "CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1",
  CONFIG_TASK_WDT_PANIC: "CONFIG_ESP_TASK_WDT_PANIC",
  CONFIG_TASK_WDT_TIMEOUT_S: "CONFIG_ESP_TASK_WDT_TIMEOUT_S",
});

/** Reads the `text` of `file`. Throws `corrupt` for a line that is neither a setting, a comment nor blank. */
export function parseSDKConfig(text: string, options: { readonly file: string }): readonly Assignment[] {
  const assignments: Assignment[] = [];
  const lines = text.split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!.trim();
    const place = `${options.file}:${index + 1}`;
    const off = NOT_SET.exec(line);
    if (off !== null) assignments.push(assignment(place, off[1]!, "n"));
    if (line === "" || line.startsWith("#")) continue;
    const match = SET.exec(line);
    if (match === null) throw new FirmwareError("corrupt", `${place}: "${line}"; expected CONFIG_NAME=value`);
    const value = match[2]!.trim() || "n"; // What mcconfig makes of n, and what people mean by it.
    if (!VALUE.test(value)) {
      const expected = 'y, n, a number or a "text" without =, and nothing behind it';
      throw new FirmwareError("corrupt", `${place}: ${match[1]} has the value ${value}; expected ${expected}`);
    }
    assignments.push(assignment(place, match[1]!, value));
  }
  return assignments;
}

/** A setting by its present name. */
export function assignment(place: string, name: string, value: string): Assignment {
  const symbol = Object.hasOwn(RENAMED, name) ? RENAMED[name]! : name;
  return { symbol, value, place, text: `${name}=${value}` };
}
