/**
 * The body of a request: bounded, of the one media type that is read here, and parsed.
 *
 * A body that is too long is read to its end and thrown away where that is little more: an answer sent in the middle of an
 * upload is lost with the connection, as a client that still writes does not read.
 */
import type { IncomingMessage } from "node:http";
import type { Headers } from "./answer.js";
import { Refusal, ServerError, unreadable } from "./refusal.js";

/** Beyond it, the connection is closed on whoever goes on sending. */
const DISCARDED_SIZE_MAX_BYTES = 1024 * 1024;
const MEDIA_TYPE = /^application\/json(?:;|$)/i;

/** The client went away before its request was whole: there is nobody to answer. */
export class ClientGone extends Error {
  override name = "ClientGone";
}

/**
 * The parsed body. `undefined` for an empty one, where that `mayBeEmpty`. Throws a Refusal (400, 413, 415), or ClientGone.
 */
export async function readJSONBody(
  request: IncomingMessage,
  options: { readonly sizeMaxBytes: number; readonly mayBeEmpty: boolean },
): Promise<unknown> {
  const bytes = await readBytes(request, options.sizeMaxBytes);
  if (bytes.length === 0 && options.mayBeEmpty) return undefined;
  demandMediaType(request);
  return parse(bytes);
}

function readBytes(request: IncomingMessage, sizeMaxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      request.pause();
      reject(tooLong(sizeMaxBytes, { connection: "close" }));
    };
    if (Number(request.headers["content-length"] ?? 0) > DISCARDED_SIZE_MAX_BYTES) giveUp();
    // Not `for await`, which would end the connection where it is left early.
    request.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= sizeMaxBytes) chunks.push(chunk);
      else chunks.length = 0;
      if (sizeBytes > DISCARDED_SIZE_MAX_BYTES) giveUp();
    });
    request.on("end", () => {
      if (sizeBytes > sizeMaxBytes) reject(tooLong(sizeMaxBytes, {}));
      else resolve(Buffer.concat(chunks));
    });
    request.on("error", () => reject(new ClientGone()));
    request.on("close", () => reject(new ClientGone())); // Means nothing after the end.
  });
}

function demandMediaType(request: IncomingMessage): void {
  const { "content-type": mediaType = "nothing", "content-encoding": coding = "identity" } = request.headers;
  if (!MEDIA_TYPE.test(mediaType.replaceAll(" ", ""))) {
    throw new Refusal(415, `Content-Type: found ${mediaType.slice(0, 80)}, expected application/json`, {
      headers: { accept: "application/json" },
    });
  }
  if (coding.toLowerCase() !== "identity") {
    throw new Refusal(415, `Content-Encoding: found ${coding.slice(0, 80)}, expected identity`, {
      headers: { "accept-encoding": "identity" },
    });
  }
}

function parse(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return JSON.parse(text) as unknown;
  } catch {
    throw unreadable("body", `${bytes.length} bytes that are none`, "a JSON document");
  }
}

function tooLong(sizeMaxBytes: number, headers: Headers): Refusal {
  const message = `the body is too long, expected at most ${sizeMaxBytes} bytes`;
  return new Refusal(413, message, { errorCode: ServerError.constraint, headers });
}
