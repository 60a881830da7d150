import { HashIndex } from "../../lib/hash-index.ts";
import { customerId, label, terminalId, whyInvalid } from "../../lib/ids.ts";
import { type Column, type Layout, readHeader, splitLine } from "./columns.ts";
import { detectEncoding, type Encoding, longestLine, readLines } from "./text-file.ts";

/** One terminal of a batch. */
export interface Terminal {
  /** Lower case; whatever the file has is made so. */
  id: string;
  /** The customer's id, lower case. */
  customer: string;
  /** The site's name, as people write it. */
  site: string;
  /** What people call the terminal, where the batch says so. */
  name?: string;
}

/** One thing that is wrong with one line of a batch. */
export interface Problem {
  /** Counted from 1; the header counts. */
  line: number;
  reason: string;
}

/** A batch that was read to its end and has no problem. */
export interface Batch {
  file: string;
  customer: string;
  terminals: number;
  sites: number;
  encoding: Encoding;
}

/** An IoT Hub holds a million devices (Azure documentation, "IoT Hub quotas and throttling"). */
const mostTerminals = 1_000_000;

/**
 * Reads a customer's batch to its end and checks every line; nothing of it is kept in memory.
 * The file is CSV with semicolons, commas or tabs, in UTF-8, UTF-16 or Windows-1252, with a header line in
 * English or Norwegian. Columns: terminal and site; optionally customer and name.
 * @param options.customer The customer's id, for a batch that has no such column; where it has one, they must agree.
 * @param options.onProblem Called for each problem, in the order of the lines.
 * @returns The batch, or undefined when there was a problem.
 */
export async function checkBatch(
  file: string,
  options: { customer?: string; onProblem: (problem: Problem) => void },
): Promise<Batch | undefined> {
  let problems = 0;
  const tell = (line: number, reason: string) => {
    problems++;
    options.onProblem({ line, reason });
  };
  const detected = await detectEncoding(file);
  if ("problem" in detected) {
    tell(1, detected.problem);
    return undefined;
  }

  const lines = new HashIndex();
  const sites = new HashIndex();
  let customer = options.customer;
  let customerFrom = "the command line";
  for await (const row of readRows(file, detected.encoding)) {
    if ("problems" in row) {
      for (const reason of row.problems) tell(row.line, reason);
      continue;
    }
    const { terminal } = row;
    const sameId = lines.set(terminal.id, row.line);
    if (sameId !== undefined) tell(row.line, `terminal ${terminal.id} is on line ${sameId} too`);
    if (lines.size === mostTerminals + 1) {
      tell(row.line, `more than ${mostTerminals} terminals, which one IoT Hub does not hold`);
      return undefined;
    }
    sites.set(terminal.site, row.line);
    if (!terminal.customer && !customer) {
      tell(
        row.line,
        "the customer is missing: no such column or an empty field, and none on the command line",
      );
    } else if (terminal.customer && !customer) {
      customer = terminal.customer;
      customerFrom = `line ${row.line}`;
    } else if (terminal.customer && terminal.customer !== customer) {
      tell(
        row.line,
        `customer ${terminal.customer}, but ${customerFrom} has ${customer}: a batch has one customer`,
      );
    }
  }
  if (problems === 0 && lines.size === 0) tell(1, "no terminals");
  if (problems > 0 || !customer) return undefined;
  return { file, customer, terminals: lines.size, sites: sites.size, encoding: detected.encoding };
}

/**
 * The terminals of a batch that `checkBatch` passed, as they are read.
 * @throws Error when the file is not what was checked any more.
 */
export async function* readBatch(batch: Batch): AsyncGenerator<Terminal> {
  for await (const row of readRows(batch.file, batch.encoding)) {
    if ("problems" in row)
      throw new Error(`${batch.file} was changed while it was read, at line ${row.line}.`);
    yield { ...row.terminal, customer: batch.customer };
  }
}

const mixed = "save the whole list in one encoding, as CSV (UTF-8)";

type Row = { line: number } & ({ terminal: Terminal } | { problems: string[] });

async function* readRows(file: string, encoding: Encoding): AsyncGenerator<Row> {
  let layout: Layout | undefined;
  for await (const handful of readLines(file, encoding)) {
    for (const { number, text, utf8Letter } of handful) {
      const line = number;
      if (utf8Letter) {
        yield { line, problems: [`"${utf8Letter}" is in UTF-8 here, and other lines are not: ${mixed}`] };
        // A header that is not understood would hide all other lines.
        if (!layout) return;
      } else if (text === undefined) yield { line, problems: [`longer than ${longestLine} characters`] };
      else if (text.trim() === "") continue;
      // Excel's own hint to itself about the delimiter.
      else if (line === 1 && /^sep=.$/.test(text)) continue;
      else if (!layout) {
        const header = readHeader(text);
        if ("problems" in header) {
          // Without a header no other line can be judged.
          yield { line, problems: header.problems };
          return;
        }
        layout = header;
      } else {
        const row = readRow(text, layout);
        if (row) yield { line, ...row };
      }
    }
  }
}

function readRow(text: string, layout: Layout): { terminal: Terminal } | { problems: string[] } | undefined {
  const fields = splitLine(text, layout.delimiter);
  if ("problem" in fields) return { problems: [fields.problem] };
  if (fields.every((field) => field === "")) return undefined;
  const width = layout.columns.length;
  if (fields.length < width || fields.slice(width).some((field) => field !== "")) {
    return { problems: [`${fields.length} fields where the header has ${width}`] };
  }
  const problems: string[] = [];
  const values: Partial<Record<Column, string>> = {};
  for (const [index, column] of layout.columns.entries()) {
    const field = (fields[index] as string).normalize("NFC");
    if (column) values[column] = field;
    else if (field !== "") problems.push(`field ${index + 1} has a value, but its column has no name`);
  }
  const id = (values.terminal as string).toLowerCase();
  const customer = (values.customer ?? "").toLowerCase();
  const site = values.site as string;
  const name = values.name || undefined;
  const check = (what: string, value: string, reason: string | undefined) => {
    if (value === "") problems.push(`${what} is missing`);
    else if (reason) problems.push(`${what} ${JSON.stringify(value.slice(0, 80))} ${reason}`);
  };
  check("terminal", id, whyInvalid(terminalId, id));
  check("site", site, whyInvalid(label, site));
  if (customer) check("customer", customer, whyInvalid(customerId, customer));
  if (name) check("name", name, whyInvalid(label, name));
  if (problems.length > 0) return { problems };
  return { terminal: { id, customer, site, ...(name ? { name } : {}) } };
}
