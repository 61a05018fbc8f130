/**
 * A file opens with a sentence that tells a newcomer why it exists.
 *
 * Who cannot write that sentence has not found the file's concept yet. One sentence is what a program can ask for; that it is
 * true and useful remains the reader's business.
 */
import { areaOf } from "../layers.js";
import type { Finding, Rule, TidyFile } from "../rule.js";
import { isTypeScript } from "../tree.js";

const INSTEAD = "begin with /** and one sentence that says what the file is for, ended by a period";
const HEADER = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//;
/** A period, perhaps in brackets or quotes, at the end of the text or before a space. */
const SENTENCE = /^\S.{10,}?[.][)"”`]*(?:\s|$)/s;

export const fileHeader: Rule = Object.freeze({
  name: "file-header",
  check(file: TidyFile): Finding[] {
    if (!isTypeScript(file.path) || areaOf(file.path) === undefined) return [];
    const header = HEADER.exec(file.text)?.[1];
    if (header === undefined) return [{ line: 1, what: "no header", instead: INSTEAD }];
    const paragraph =
      header
        .replace(/^[ \t]*\*[ \t]?/gm, "")
        .trim()
        .split(/\n\s*\n/)[0] ?? "";
    return SENTENCE.test(paragraph) ? [] : [{ line: 1, what: "the header has no first sentence", instead: INSTEAD }];
  },
});
