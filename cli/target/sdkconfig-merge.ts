/**
 * Several sources of sdkconfig lines to one file, or the first contradiction between any two lines, in one sentence.
 *
 * mcconfig takes one folder of settings, and of two lines for one symbol the last wins in silence; a product that turns
 * rollback off by accident would learn of it in the field. So nothing overrides: who wants another value changes the line that
 * has it.
 */
import { FirmwareError } from "../../src/errors.js";
import { deepFreeze } from "../../src/freeze.js";
import type { Assignment } from "./sdkconfig.js";

/** Lines of one origin, under its heading in the merged file. */
export interface Section {
  readonly title: string;
  readonly assignments: readonly Assignment[];
}

/** Symbols of which exactly one may be y: ESP-IDF's choices, as far as our lines touch them. */
const CHOICES: readonly (readonly string[])[] = deepFreeze([
  choice("CONFIG_ESPTOOLPY_FLASHSIZE_", "1MB 2MB 4MB 8MB 16MB 32MB 64MB 128MB"),
  choice("CONFIG_ESP_COREDUMP_ENABLE_TO_", "FLASH UART NONE"),
  choice("CONFIG_ESP_SYSTEM_PANIC_", "PRINT_HALT PRINT_REBOOT SILENT_REBOOT GDBSTUB"),
  choice("CONFIG_PARTITION_TABLE_", "CUSTOM SINGLE_APP SINGLE_APP_LARGE TWO_OTA TWO_OTA_LARGE"),
]);

function choice(prefix: string, names: string): readonly string[] {
  return names.split(" ").map((name) => prefix + name);
}

/** The merged file's text; a symbol stands once. Throws `refused` for two lines that cannot both hold. */
export function mergeSDKConfig(sections: readonly Section[], options: { readonly header: readonly string[] }): string {
  const chosen = new Map<string, Assignment>();
  const lines = options.header.map((line) => `# ${line}`);
  for (const { title, assignments } of sections) {
    const added: string[] = [];
    for (const line of assignments) {
      const before = chosen.get(line.symbol);
      if (before !== undefined && !isSameValue(before.value, line.value)) {
        throw contradiction(before, line, "one value");
      }
      const rival = rivalOf(line, chosen);
      if (rival !== undefined) throw contradiction(rival, line, "one of the choice");
      if (before !== undefined) continue;
      chosen.set(line.symbol, line);
      added.push(`${line.symbol}=${line.value}`);
    }
    if (added.length > 0) lines.push("", `# ${title}`, ...added);
  }
  return `${lines.join("\n")}\n`;
}

/** Another member of the same choice that is y. */
function rivalOf(line: Assignment, chosen: ReadonlyMap<string, Assignment>): Assignment | undefined {
  if (line.value !== "y") return undefined;
  const members = CHOICES.find((symbols) => symbols.includes(line.symbol)) ?? [];
  const rival = members.find((symbol) => symbol !== line.symbol && chosen.get(symbol)?.value === "y");
  return rival === undefined ? undefined : chosen.get(rival);
}

/** 0x10 and 16 are one. */
function isSameValue(one: string, other: string): boolean {
  return one === other || (/^-?\d/.test(one) && /^-?\d/.test(other) && Number(one) === Number(other));
}

function contradiction(first: Assignment, second: Assignment, expected: string): FirmwareError {
  const what = `${second.place}: ${second.text} contradicts ${first.place}: ${first.text}`;
  return new FirmwareError("refused", `${what}; expected ${expected}`);
}
