/**
 * No committed text knows the machine it was written on: no absolute working folders, no registry hosts.
 *
 * Both work for their author and for nobody else. A spec that needs a folder takes one from `os.tmpdir()`.
 */
import type { Finding, Rule, TidyFile } from "../rule.js";

const HOME = /(?<![\w.~-])\/(?:work|root|home\/[\w-]+|Users\/[\w-]+)\//;
const TEMPORARY = /(?<![\w.~-])\/tmp\//;
const REGISTRY = /\b(?:registry\.[\w-]+\.(?:com|org|net|io|dev|internal|local)|files\.pythonhosted\.org|proxy\.golang\.org)\b/;

export const machinePath: Rule = Object.freeze({
  name: "machine-path",
  check(file: TidyFile): Finding[] {
    const findings: Finding[] = [];
    file.lines.forEach((text, index) => {
      const line = index + 1;
      const path = HOME.exec(text)?.[0] ?? (file.path.startsWith(".ci/") ? undefined : TEMPORARY.exec(text)?.[0]);
      if (path !== undefined)
        findings.push({ line, what: `the machine path ${path}`, instead: "use a relative path, or os.tmpdir()" });
      const host = REGISTRY.exec(text)?.[0];
      if (host !== undefined)
        findings.push({ line, what: `the registry host ${host}`, instead: "leave it to the client's settings" });
    });
    return findings;
  },
});
