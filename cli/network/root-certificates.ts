import type { RootCertificate } from "./endpoint-list.ts";

/*
 * Roots of Azure's certificates. A test computes the thumbprints again from the certificates that Node brings
 * (`tls.rootCertificates`). Source of the names: "Azure Certificate Authority details"
 * (azure/security/fundamentals/azure-ca-details).
 */

const digicertG2: RootCertificate = {
  name: "DigiCert Global Root G2",
  thumbprint: "DF3C24F9BFD666761B268073FE06D1CC8D4F82A4",
  sha256: "CB3CCBB76031E5E0138F8DD39A23F9DE47FFC35E43C1144CEA27D46A5AB1CB5F",
};
const microsoftRsa: RootCertificate = {
  name: "Microsoft RSA Root Certificate Authority 2017",
  thumbprint: "73A5E64A3BFF8316FF0EDCCC618A906E4EAE4D74",
  sha256: "C741F70F4B2A8D88BF2E71C14122EF53EF10EBA0CFA5E64CFA20F418853073E0",
};
const microsoftEcc: RootCertificate = {
  name: "Microsoft ECC Root Certificate Authority 2017",
  thumbprint: "999A64C37FF47D9FAB95F14769891460EEC4C3C5",
  sha256: "358DF39D764AF9E1B766E9C972DF352EE15CFAC227AF6AD1D70E8E4A6EDCBA02",
};
const digicertG3: RootCertificate = {
  name: "DigiCert Global Root G3",
  thumbprint: "7E04DE896A3E666D00E687D33FFAD93BE83D349E",
  sha256: "31AD6648F8104138C738F39EA4320133393E3A18CC02296EF97C2AC9EF6731D0",
};
/**
 * Roots that an IoT Hub and Azure Storage chain to. Sources: "TLS support in IoT Hub" (azure/iot-hub/iot-hub-tls-support),
 * which names both; for storage, "Azure Storage TLS: critical changes" of the Azure Storage blog (DigiCert Global Root G2
 * today, the Microsoft root as the next).
 */
export const hubAndStorageRoots = [digicertG2, microsoftRsa];

/**
 * Roots that any other service of Azure, such as API Management, may chain to. Its own pages name none. The page also has
 * DigiCert Global Root CA, which Mozilla and Node no longer trust for TLS, so no public service can use it.
 */
export const azureRoots = [digicertG2, microsoftRsa, microsoftEcc, digicertG3];
