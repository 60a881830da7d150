import { HashIndex } from "../../lib/hash-index.ts";
import { quoteName } from "../../lib/names.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { count, t } from "../../words/translate.ts";
import { SiteSpellings } from "../site-spellings.ts";
import { LostZeros } from "./lost-zeros.ts";
import { type BatchFormat, readRows, type Terminal } from "./rows.ts";
import { detectFormat } from "./text-file.ts";
import { detectWorkbook } from "./workbook/workbook.ts";
import { WorkbookError } from "./workbook/workbook-error.ts";

/** A problem on one line of a batch file. */
export interface Problem {
  /** Line number, from 1, with the header. */
  line: number;
  reason: string;
}

/** A batch file without problems. */
export interface Batch {
  file: string;
  format: BatchFormat;
  customer: string;
  terminals: number;
  sites: number;
  /** The first sites of the file, at most `maxSiteNames`. */
  siteNames: string[];
  /** The spellings of the names of its sites. */
  spellings: SiteSpellings;
  /** Names of sites to write in another spelling; set by `mergeSites`. */
  merged?: ReadonlyMap<string, string>;
  /** What the operator should check in the file before onboarding it. */
  doubts: string[];
}

/** An IoT Hub has at most a million devices (Azure documentation, "IoT Hub quotas and throttling"). */
const maxTerminals = 1_000_000;

/** Names of sites that are kept, for a question. */
const maxSiteNames = 5;

/**
 * Reads a batch file to its end and checks every line. Memory holds some bytes a line, not the lines.
 * The file is CSV with semicolons, commas or tabs, in UTF-8, UTF-16 or Windows-1252, with a header line in English or
 * Norwegian; or a sheet of a workbook, .xlsx or .ods. Columns: terminal and site; optionally customer and name.
 * @param options.customer Customer ID, for a file without such a column. If the file has one, it must be the same.
 * @param options.sheet Name of the sheet of a workbook; default: the first one.
 * @param options.onProblem Called for each problem, in the order of the lines.
 * @returns Undefined when there was a problem.
 */
export async function checkBatch(
  file: string,
  options: { customer?: string; sheet?: string; onProblem: (problem: Problem) => void },
): Promise<Batch | undefined> {
  let problems = 0;
  const report = (line: number, reason: string) => {
    problems++;
    options.onProblem({ line, reason });
  };
  const format = await detectBatchFormat(file, options.sheet);
  if ("problem" in format) {
    report(1, format.problem);
    return undefined;
  }

  const lines = new HashIndex();
  const sites = new HashIndex();
  const siteNames: string[] = [];
  const spellings = new SiteSpellings();
  const lostZeros = new LostZeros();
  const customer = new BatchCustomer(options.customer);
  let lastLine = 0;
  try {
    for await (const row of readRows(file, format)) {
      lastLine = row.line;
      if ("problems" in row) {
        for (const reason of row.problems) report(row.line, reason);
        continue;
      }
      const { terminal, line } = row;
      const duplicate = lines.set(terminal.id, line);
      if (duplicate !== undefined) report(line, t`terminal ${terminal.id} is on line ${duplicate} too`);
      if (lines.size > maxTerminals) {
        report(line, t`more than one million terminals, the most that an IoT Hub can have`);
        return undefined;
      }
      const isNewSite = sites.set(terminal.site, line) === undefined;
      if (isNewSite && siteNames.length < maxSiteNames) siteNames.push(terminal.site);
      spellings.addRow(terminal.site, line);
      lostZeros.add(terminal.id, line, row.isNumber);
      const problem = customer.check(terminal.customer, line);
      if (problem) report(line, problem);
    }
  } catch (error) {
    if (!(error instanceof WorkbookError)) throw error;
    report(lastLine + 1, error.message);
  }
  for (const { line, reason } of lostZeros.problems()) report(line, reason);
  if (problems === 0 && lines.size === 0) report(1, t`no terminals`);
  if (problems > 0 || !customer.id) return undefined;
  const doubt = lostZeros.doubt();
  return {
    file,
    format,
    customer: customer.id,
    terminals: lines.size,
    sites: sites.size,
    siteNames,
    spellings,
    doubts: [...sheetDoubts(format, options.sheet), ...(doubt === undefined ? [] : [doubt])],
  };
}

async function detectBatchFormat(
  file: string,
  sheet: string | undefined,
): Promise<BatchFormat | { problem: string }> {
  const workbook = await detectWorkbook(file, sheet);
  if (workbook) return workbook;
  if (sheet === undefined) return detectFormat(file);
  return { problem: t`this is no workbook, so it has no sheets: leave --sheet out` };
}

/** The operator may not know that a workbook has other sheets. */
function sheetDoubts(format: BatchFormat, wanted: string | undefined): string[] {
  if (!("sheet" in format) || wanted !== undefined || format.otherSheets === 0) return [];
  return [
    t`Only the sheet ${quoteName(format.sheet)} is read; the workbook has ${count(format.otherSheets, "more sheet")}. \`--sheet NAME\` reads another one.`,
  ];
}

/**
 * The same batch with other spellings of names of sites.
 * @param merged The names of sites in the batch that are replaced, with the names that replace them.
 */
export function mergeSites(batch: Batch, merged: ReadonlyMap<string, string>): Batch {
  const { siteNames } = batch;
  const added = new Set([...merged.values()].filter((name) => !batch.spellings.isInBatch(name)));
  const sites = batch.sites - merged.size + added.size;
  return {
    ...batch,
    sites,
    siteNames: [...new Set(siteNames.map((site) => merged.get(site) ?? site))],
    merged,
  };
}

/** The one customer of a batch, from the command line or from the first row that names it. */
class BatchCustomer {
  id: string | undefined;
  /** Line of the first row that names it; undefined when the command line does. */
  private line: number | undefined;
  private isReportedMissing = false;

  constructor(id: string | undefined) {
    this.id = id;
  }

  /** @returns What is wrong with a row's customer. A missing customer is reported once. */
  check(customer: string, line: number): string | undefined {
    if (!customer && !this.id && !this.isReportedMissing) {
      this.isReportedMissing = true;
      return t`no customer: give --customer ID, or a column customer (kunde)`;
    }
    if (!customer) return undefined;
    if (this.id) {
      if (customer === this.id) return undefined;
      const source = this.line === undefined ? t`the command line` : t`line ${this.line}`;
      return t`customer ${customer}, but ${source} has ${this.id}: a batch has one customer`;
    }
    this.id = customer;
    this.line = line;
    return undefined;
  }
}

/**
 * Reads the terminals of a batch file that `checkBatch` has checked.
 * @throws OperatorError when the file has changed since.
 */
export async function* readBatch({ file, format, customer, merged }: Batch): AsyncGenerator<Terminal> {
  const remedy = t`Run this again with the changed file: terminals already onboarded stay unchanged.`;
  try {
    for await (const row of readRows(file, format)) {
      if ("problems" in row) {
        throw new OperatorError("failed", t`${file} was changed during the run, at line ${row.line}`, {
          remedy,
        });
      }
      const { site } = row.terminal;
      yield { ...row.terminal, site: merged?.get(site) ?? site, customer };
    }
  } catch (error) {
    if (!(error instanceof WorkbookError)) throw error;
    throw new OperatorError("failed", t`${file} was changed during the run: ${error.message}`, { remedy });
  }
}
