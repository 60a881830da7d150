import { SimilarSiteFinder, type SimilarSites } from "../../fleet-status/similar-sites.ts";
import { HashIndex } from "../../lib/hash-index.ts";
import { OperatorError } from "../../lib/operator-error.ts";
import { readRows, type Terminal } from "./rows.ts";
import { detectFormat, type TextFormat } from "./text-file.ts";

/** A problem on one line of a batch file. */
export interface Problem {
  /** Line number, from 1, with the header. */
  line: number;
  reason: string;
}

/** A batch file without problems. */
export interface Batch extends TextFormat {
  file: string;
  customer: string;
  terminals: number;
  sites: number;
  /** Names of sites that look alike without being the same. */
  similarSites: SimilarSites[];
}

/** An IoT Hub has at most a million devices (Azure documentation, "IoT Hub quotas and throttling"). */
const maxTerminals = 1_000_000;

/**
 * Reads a batch file to its end and checks every line. Memory holds some bytes a line, not the lines.
 * The file is CSV with semicolons, commas or tabs, in UTF-8, UTF-16 or Windows-1252, with a header line in English or
 * Norwegian. Columns: terminal and site; optionally customer and name.
 * @param options.customer Customer ID, for a file without such a column. If the file has one, it must be the same.
 * @param options.onProblem Called for each problem, in the order of the lines.
 * @returns Undefined when there was a problem.
 */
export async function checkBatch(
  file: string,
  options: { customer?: string; onProblem: (problem: Problem) => void },
): Promise<Batch | undefined> {
  let problems = 0;
  const report = (line: number, reason: string) => {
    problems++;
    options.onProblem({ line, reason });
  };
  const format = await detectFormat(file);
  if ("problem" in format) {
    report(1, format.problem);
    return undefined;
  }

  const lines = new HashIndex();
  const sites = new HashIndex();
  const similarSites = new SimilarSiteFinder();
  const customer = new BatchCustomer(options.customer);
  for await (const row of readRows(file, format)) {
    if ("problems" in row) {
      for (const reason of row.problems) report(row.line, reason);
      continue;
    }
    const { terminal, line } = row;
    const duplicate = lines.set(terminal.id, line);
    if (duplicate !== undefined) report(line, `terminal ${terminal.id} is on line ${duplicate} too`);
    if (lines.size > maxTerminals) {
      report(line, "more than one million terminals, the most that an IoT Hub can have");
      return undefined;
    }
    sites.set(terminal.site, line);
    similarSites.add({ customer: options.customer ?? terminal.customer, site: terminal.site });
    const problem = customer.check(terminal.customer, line);
    if (problem) report(line, problem);
  }
  if (problems === 0 && lines.size === 0) report(1, "no terminals");
  if (problems > 0 || !customer.id) return undefined;
  return {
    file,
    customer: customer.id,
    terminals: lines.size,
    sites: sites.size,
    similarSites: similarSites.groups(),
    ...format,
  };
}

/** The one customer of a batch, from the command line or from the first row that names it. */
class BatchCustomer {
  id: string | undefined;
  private source = "the command line";
  private isReportedMissing = false;

  constructor(id: string | undefined) {
    this.id = id;
  }

  /** @returns What is wrong with a row's customer. A missing customer is reported once. */
  check(customer: string, line: number): string | undefined {
    if (!customer && !this.id && !this.isReportedMissing) {
      this.isReportedMissing = true;
      return "no customer: give --customer ID, or a column customer (kunde)";
    }
    if (!customer) return undefined;
    if (this.id) {
      return customer === this.id
        ? undefined
        : `customer ${customer}, but ${this.source} has ${this.id}: a batch has one customer`;
    }
    this.id = customer;
    this.source = `line ${line}`;
    return undefined;
  }
}

/**
 * Reads the terminals of a batch file that `checkBatch` has checked.
 * @throws OperatorError when the file has changed since.
 */
export async function* readBatch(batch: Batch): AsyncGenerator<Terminal> {
  for await (const row of readRows(batch.file, batch)) {
    if ("problems" in row) {
      throw new OperatorError("failed", `${batch.file} was changed during the run, at line ${row.line}`, {
        remedy: "Run this again with the changed file: terminals already onboarded stay unchanged.",
      });
    }
    yield { ...row.terminal, customer: batch.customer };
  }
}
