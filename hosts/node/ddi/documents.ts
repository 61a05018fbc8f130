/**
 * The documents that a controller reads, in the published shapes: DdiControllerBase, DdiDeploymentBase, DdiCancel and the rest.
 *
 * Links are absolute and begin with what the request was sent to. Each artifact has the links of the scheme that the server
 * speaks: `download-http` and `md5sum-http` without TLS, `download` and `md5sum` with it. Shapes: docs/spec/ddi.md.
 */
import { createHash } from "node:crypto";
import type { Action } from "./action.js";
import type { Controller } from "./controller.js";
import { MD5_SUFFIX, type SoftwareModule } from "./software-module.js";

/** hawkBit's key of the module type "Firmware". */
const PART = "os";

/** Where a controller's resources are. */
export interface Place {
  readonly scheme: "http" | "https";
  /** `{scheme}://{host}/{tenant}/controller/v1/{controllerId}` */
  readonly base: string;
}

type Links = Readonly<Record<string, { readonly href: string }>>;

/** What a poll gives. Without a `sleep` the controller keeps its own period. */
export function controllerDocument(controller: Controller, place: Place, sleep: string | undefined): object {
  const { openAction: action, installedAction } = controller;
  const links: Links = {
    ...(action ? actionLink(action, place) : {}),
    ...(installedAction ? { installedBase: { href: `${place.base}/installedBase/${installedAction.id}` } } : {}),
    ...(controller.isAttributesWanted ? { configData: { href: `${place.base}/configData` } } : {}),
  };
  return {
    ...(sleep === undefined ? {} : { config: { polling: { sleep } } }),
    ...(Object.keys(links).length === 0 ? {} : { _links: links }),
  };
}

function actionLink(action: Action, { base }: Place): Links {
  if (action.isWaiting) return { confirmationBase: { href: `${base}/confirmationBase/${action.id}?c=${stateOf(action)}` } };
  if (action.isCanceling) return { cancelAction: { href: `${base}/cancelAction/${action.id}` } };
  return { deploymentBase: { href: `${base}/deploymentBase/${action.id}?c=${stateOf(action)}` } };
}

/** A number of 32 bits with a sign that says what is deployed: it differs where the document behind the link does. */
function stateOf({ id, module }: Action): number {
  const hash = createHash("sha1").update(id);
  for (const { filename, sha1 } of module.artifacts) hash.update(`/${filename}/${sha1}`);
  return hash.digest().readInt32BE();
}

/** For deploymentBase and installedBase. */
export function deploymentDocument(action: Action, place: Place, historyCount: number): object {
  return { id: action.id, deployment: deployment(action, place), ...actionHistory(action, historyCount) };
}

export function confirmationDocument(action: Action, place: Place, historyCount: number): object {
  return { id: action.id, confirmation: deployment(action, place), ...actionHistory(action, historyCount) };
}

function deployment({ module }: Action, place: Place): object {
  const chunk = { part: PART, version: module.version, name: module.name, artifacts: artifactDocuments(module, place) };
  return { download: "forced", update: "forced", chunks: [chunk] };
}

function actionHistory(action: Action, count: number): object {
  const messages = action.history(count);
  return messages.length === 0 ? {} : { actionHistory: { status: action.status, messages } };
}

export function artifactDocuments(module: SoftwareModule, { scheme, base }: Place): readonly object[] {
  const suffix = scheme === "http" ? "-http" : "";
  return module.artifacts.map(({ filename, bytes, md5, sha1, sha256 }) => {
    const href = `${base}/softwaremodules/${module.id}/artifacts/${encodeURIComponent(filename)}`;
    return {
      filename,
      hashes: { sha1, md5, sha256 },
      size: bytes.length,
      _links: { [`download${suffix}`]: { href }, [`md5sum${suffix}`]: { href: `${href}${MD5_SUFFIX}` } },
    };
  });
}

/** A cancelAction has the id of the action that it stops. */
export function cancelDocument({ id }: Action): object {
  return { id, cancelAction: { stopId: id } };
}

export function confirmationsDocument(controller: Controller, place: Place): object {
  const { openAction: action, autoConfirmation: auto } = controller;
  const word = auto ? "deactivateAutoConfirm" : "activateAutoConfirm";
  return {
    autoConfirm: auto
      ? {
          active: true,
          ...(auto.initiator === undefined ? {} : { initiator: auto.initiator }),
          ...(auto.remark === undefined ? {} : { remark: auto.remark }),
          activatedAt: auto.activatedMs,
        }
      : { active: false },
    _links: {
      [word]: { href: `${place.base}/confirmationBase/${word}` },
      ...(action?.isWaiting ? actionLink(action, place) : {}),
    },
  };
}
