import { t } from "../words/translate.ts";
import { parseSeconds } from "./numbers.ts";

/** Option `--wait`: how long a command waits until a revoked terminal is disconnected. */
export const closingWaitOption = () =>
  [
    "--wait <seconds>",
    t`maximum wait for the IoT Hub to close an open connection`,
    parseSeconds,
    300,
  ] as const;
