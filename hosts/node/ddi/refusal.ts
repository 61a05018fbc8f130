/**
 * A request that is answered with no: the status, and the words in which the client is told what it did wrong.
 *
 * Thrown by whatever reads a request and caught at one place, so that the way of a right request reads straight. Not a
 * FirmwareError: HTTP has more ways to say no than a device has. Answers: docs/spec/ddi.md.
 */

/** What hawkBit calls a fault, where it has a name for it (org.eclipse.hawkbit.exception.SpServerError). */
export const ServerError = Object.freeze({
  notFound: "hawkbit.server.error.repo.entityNotFound",
  unreadableBody: "hawkbit.server.error.rest.body.notReadable",
  wrongAttributes: "hawkbit.server.error.repo.invalidTargetAttributes",
  constraint: "hawkbit.server.error.repo.constraintViolation",
  quota: "hawkbit.server.error.quota.tooManyEntries",
  notCancelable: "hawkbit.server.error.action.notCancelable",
  alreadyConfirming: "hawkbit.server.error.repo.autoConfAlreadyActive",
});

export interface RefusalOptions {
  /** One of ServerError, where hawkBit has a name for the fault. */
  readonly errorCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Refusal extends Error {
  override name = "Refusal";
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: RefusalOptions = {}) {
    super(message);
    this.status = status;
    this.errorCode = options.errorCode;
    this.headers = options.headers ?? {};
  }

  /** The body of the answer: hawkBit's ExceptionInfo without the name of a Java class. */
  get document(): { readonly errorCode?: string; readonly message: string } {
    return { ...(this.errorCode === undefined ? {} : { errorCode: this.errorCode }), message: this.message };
  }
}

/** 404: no such thing, or none for this controller. */
export function notFound(message: string): Refusal {
  return new Refusal(404, message, { errorCode: ServerError.notFound });
}

/** 400: the body cannot be read. `where` names the field. */
export function unreadable(where: string, found: string, expected: string): Refusal {
  return new Refusal(400, `${where}: found ${found}, expected ${expected}`, { errorCode: ServerError.unreadableBody });
}

/** 429 by a quota: waiting does not help, so there is no Retry-After. */
export function overQuota(message: string): Refusal {
  return new Refusal(429, message, { errorCode: ServerError.quota });
}
