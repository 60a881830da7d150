import { OperatorError } from "../../../lib/operator-error.ts";
import { t } from "../../../words/translate.ts";
import { Chromium } from "./chromium.ts";
import { findChromium } from "./find-chromium.ts";

/**
 * Prints a page as a PDF with the Chromium, Chrome or Edge of this computer.
 * @throws OperatorError when there is none, or it fails.
 */
export async function printPdf(html: string, env: NodeJS.ProcessEnv = process.env): Promise<Buffer> {
  const path = findChromium(env);
  try {
    await using chromium = await Chromium.start(path);
    await chromium.show(html);
    return await chromium.printPdf();
  } catch (error) {
    const why = (error as Error).message;
    throw new OperatorError("failed", t`${path} could not print the PDF: ${why}`, {
      remedy: t`Set CHROMIUM_PATH to another Chromium, Chrome or Edge, or use --format html, and print the page in a browser.`,
      cause: error,
    });
  }
}
