/** All rules, in the order in which they are run and reported. */
import type { Rule } from "./rule.js";
import { asyncInCore } from "./rules/async-in-core.js";
import { deadLink } from "./rules/dead-link.js";
import { deviceConstruct } from "./rules/device-construct.js";
import { docstring } from "./rules/docstring.js";
import { fileHeader } from "./rules/file-header.js";
import { importCircle } from "./rules/import-circle.js";
import { importsPointDown } from "./rules/imports-point-down.js";
import { machinePath } from "./rules/machine-path.js";
import { moduleState } from "./rules/module-state.js";
import { outsideGlobal } from "./rules/outside-global.js";
import { size } from "./rules/size.js";
import { typeHole } from "./rules/type-hole.js";
import { unfinished } from "./rules/unfinished.js";
import { vagueName } from "./rules/vague-name.js";

/** A rule that is not here is not run; test/node/tidy/planted-faults.ts refuses one here that no planted fault proves. */
export const RULES: readonly Rule[] = Object.freeze([
  importsPointDown,
  importCircle,
  moduleState,
  deviceConstruct,
  outsideGlobal,
  asyncInCore,
  typeHole,
  unfinished,
  vagueName,
  size,
  fileHeader,
  docstring,
  deadLink,
  machinePath,
]);
