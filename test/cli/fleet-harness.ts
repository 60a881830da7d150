export {
  auditRole,
  type DeployedFleet,
  deployFleet,
  type FleetOptions,
  flowKeysRole,
  importRole,
  type OperatorRole,
} from "../support/fleet.ts";
