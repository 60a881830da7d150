export {
  auditRole,
  type DeployedFleet,
  deployFleet,
  flowKeysRole,
  importRole,
  type OperatorRole,
} from "../support/fleet.ts";
