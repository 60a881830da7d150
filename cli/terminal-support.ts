/*
 * What the reference terminal shares with the command line: formats, sealing, transfers and network access.
 */
export { webSocketAgent, webSocketFailure } from "./azure/agents.ts";
export { blobPipeline } from "./azure/blob-pipeline.ts";
export { statusOf } from "./azure/explain-error.ts";
export { connectionPolicy } from "./azure/http.ts";
export { type NetworkSettings, networkFromEnvironment } from "./azure/network.ts";
export { expectVerifiedTls } from "./azure/tls-verification.ts";
export {
  type CredentialBundle,
  credentialBundle,
} from "./credentials/credential-bundle.ts";
export {
  type KeyRefusal,
  type KeyReport,
  keyOffer,
  keyRefusals,
  parseKeyReport,
} from "./credentials/key-offer.ts";
export { passphraseIdentity, passphraseRecipient } from "./credentials/passphrase.ts";
export { type Opener, unseal } from "./credentials/seal.ts";
export { doctorReportName } from "./file-exchange/doctor-report.ts";
export { downloadBlob } from "./file-exchange/download.ts";
export type { StreamDigest } from "./file-exchange/hash-stream.ts";
export {
  type Acknowledgement,
  acknowledgement,
  type DownloadOffer,
  type FailureReason,
  fileName,
  type Offer,
  offer,
  offerId,
  parseEntries,
  type UploadOffer,
} from "./file-exchange/offers/offer.ts";
export { Backoff, type BackoffRange } from "./lib/backoff.ts";
export { type Clock, systemClock } from "./lib/clock.ts";
export {
  createFile,
  createFoldersDurably,
  openReadWrite,
  replaceFileDurably,
  syncFolder,
  writeAt,
} from "./lib/fsync.ts";
export { OperatorError } from "./lib/operator-error.ts";
export { printable } from "./lib/printable.ts";
export { sha256Base64 } from "./lib/sha256.ts";
