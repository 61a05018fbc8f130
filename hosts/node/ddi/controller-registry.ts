/**
 * All controllers, and what is deployed to them: to one of them, or to all and to whoever comes later.
 *
 * An action's number is given by the deployment and not, as hawkBit does it, to each controller anew: whoever calls `deploy`
 * has one number to look for. Full, the registry takes no new controller. See docs/spec/ddi.md.
 */
import { assert } from "../../../src/assert.js";
import { FirmwareError } from "../../../src/errors.js";
import { Controller, type ControllerOptions } from "./controller.js";
import { notFound, overQuota, Refusal, ServerError } from "./refusal.js";
import { type DeploymentOffer, SoftwareModule } from "./software-module.js";

/** hawkBit's bound (Target.CONTROLLER_ID_MAX_SIZE). */
export const CONTROLLER_ID_LENGTH_MAX = 256;
const CONTROL_CHARACTER = /\p{Cc}/u;

export interface ControllerRegistryOptions extends ControllerOptions {
  readonly controllerCountMax: number;
  /** What becomes of an open action when another is deployed. */
  readonly superseding: "close" | "cancel";
}

export class ControllerRegistry {
  readonly #options: ControllerRegistryOptions;
  readonly #controllers = new Map<string, Controller>();
  /** What a controller gets that comes later. */
  #forAll: { readonly actionId: string; readonly module: SoftwareModule } | undefined;
  #deploymentCount = 0;

  constructor(options: ControllerRegistryOptions) {
    assert(options.controllerCountMax > 0, "controller-registry: expected room for a controller");
    assert(options.actionCountMax > 1, "controller-registry: expected room for an action and the one before");
    this.#options = options;
  }

  get controllers(): ReadonlyMap<string, Controller> {
    return this.#controllers;
  }

  /** Gives the action's id. A controller that is named is made where it is not known. Throws `full`. */
  deploy(offer: DeploymentOffer, controllerId: string | undefined): string {
    assert(controllerId === undefined || isControllerId(controllerId), "deploy: expected the id of a controller");
    if (controllerId !== undefined && !this.#controllers.has(controllerId) && this.#isFull) {
      throw new FirmwareError("full", `deploy: ${this.#controllers.size} controllers are known; expected no more`);
    }
    const actionId = String(this.#deploymentCount + 1);
    const module = new SoftwareModule(actionId, offer);
    this.#deploymentCount += 1;
    if (controllerId === undefined) this.#forAll = { actionId, module };
    const controllers = controllerId === undefined ? this.#controllers.values() : [this.register(controllerId)];
    for (const controller of controllers) controller.assign(actionId, module, this.#options.superseding);
    return actionId;
  }

  /** Unless one controller is named, whoever comes later gets nothing any more. */
  cancel(controllerId: string | undefined): void {
    if (controllerId === undefined) {
      this.#forAll = undefined;
      for (const controller of this.#controllers.values()) controller.requestCancel();
    } else {
      const controller = this.#controllers.get(controllerId);
      assert(controller !== undefined, "cancel: expected a controller that is known");
      controller.requestCancel();
    }
  }

  /** The one of that id; made where there is none. Throws a Refusal for an id that is none, and where the registry is full. */
  register(id: string): Controller {
    const known = this.#controllers.get(id);
    if (known) return known;
    if (!isControllerId(id)) {
      const expected = `1 … ${CONTROLLER_ID_LENGTH_MAX} characters, no control character, no blank at an end`;
      throw new Refusal(400, `controller id: found ${shownId(id)}, expected ${expected}`, {
        errorCode: ServerError.constraint,
      });
    }
    if (this.#isFull) throw overQuota(`${this.#controllers.size} controllers are known; expected no more`);
    const controller = new Controller(id, this.#options);
    if (this.#forAll) controller.assign(this.#forAll.actionId, this.#forAll.module, this.#options.superseding);
    this.#controllers.set(id, controller);
    return controller;
  }

  /** Throws a Refusal where it is not known. */
  find(id: string): Controller {
    const controller = this.#controllers.get(id);
    if (!controller) throw notFound(`controller ${shownId(id)} is not known; expected one that has polled`);
    return controller;
  }

  get #isFull(): boolean {
    return this.#controllers.size >= this.#options.controllerCountMax;
  }
}

function isControllerId(id: string): boolean {
  return id !== "" && id.length <= CONTROLLER_ID_LENGTH_MAX && id.trim() === id && !CONTROL_CHARACTER.test(id);
}

function shownId(id: string): string {
  return JSON.stringify(id).slice(0, 80);
}
