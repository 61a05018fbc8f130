/**
 * An artifact, a part of it, or its MD5SUM line, as an answer: the header fields, and which bytes.
 *
 * The conditions are looked at in the order of RFC 9110, 13.2.2: If-Match, If-None-Match, then Range with If-Range. There is no
 * Last-Modified, so conditions on dates never hold.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Answer, Headers } from "./answer.js";
import { artifactRangeOf, isRangeApplicable } from "./artifact-range.js";
import { namesStrongly, namesWeakly } from "./entity-tag.js";
import { Refusal } from "./refusal.js";
import { MD5_SUFFIX, type StoredArtifact } from "./software-module.js";

/** What may stand in a parameter without quotes (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** `method` is GET or HEAD; Range has a meaning for GET alone. Throws a Refusal (412, 416). */
export function artifactAnswer(artifact: StoredArtifact, method: string, request: IncomingHttpHeaders): Answer {
  const { bytes, entityTag, sha1, filename } = artifact;
  const ifMatch = request["if-match"];
  // hawkBit compares with the bare hash, the RFC with the tag in its quotes.
  if (ifMatch !== undefined && !namesStrongly(ifMatch, entityTag) && ifMatch.trim() !== sha1) {
    throw new Refusal(412, `If-Match: expected ${entityTag}`);
  }
  const headers: Headers = {
    "accept-ranges": "bytes",
    "content-disposition": attachment(filename),
    "content-type": "application/octet-stream",
    etag: entityTag,
    "x-content-type-options": "nosniff",
  };
  const ifNoneMatch = request["if-none-match"];
  if (ifNoneMatch !== undefined && namesWeakly(ifNoneMatch, entityTag)) {
    return { kind: "artifact", status: 304, headers: { etag: entityTag }, bytes: undefined };
  }
  const isRanged = method === "GET" && isRangeApplicable(request["if-range"] as string | undefined, entityTag);
  const range = artifactRangeOf(isRanged ? request.range : undefined, bytes.length);
  if (range.kind === "whole") return { kind: "artifact", status: 200, headers, bytes };
  if (range.kind === "unsatisfiable") {
    throw new Refusal(416, `Range: found ${request.range?.slice(0, 80)}, expected a part of ${bytes.length} bytes`, {
      headers: { "content-range": `bytes */${bytes.length}` },
    });
  }
  const { first, last } = range;
  return {
    kind: "artifact",
    status: 206,
    headers: { ...headers, "content-range": `bytes ${first}-${last}/${bytes.length}` },
    bytes: bytes.subarray(first, last + 1),
  };
}

/** The line that `md5sum -c` reads, as hawkBit writes it: without a line break. */
export function md5Answer(artifact: StoredArtifact): Answer {
  return {
    kind: "text",
    headers: { "content-disposition": attachment(`${artifact.filename}${MD5_SUFFIX}`), "content-type": "text/plain" },
    text: `${artifact.md5}  ${artifact.filename}`,
  };
}

function attachment(filename: string): string {
  return `attachment;filename=${TOKEN.test(filename) ? filename : `"${filename.replaceAll(/["\\]/g, "\\$&")}"`}`;
}
