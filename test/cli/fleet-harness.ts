export { auditRole, type DeployedFleet, deployFleet, importRole } from "../support/fleet.ts";
