import { startPolicyPack } from "./index.ts";

startPolicyPack("azure-policies");
