import { checkBatch, type Problem } from "../../../../cli/onboarding/batch-file/batch.ts";

/* Checks a batch file and prints the result and the peak memory of this process as JSON. */
const problems: Problem[] = [];
const batch = await checkBatch(process.argv[2] ?? "", { onProblem: (problem) => problems.push(problem) });
const peakMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ terminals: batch?.terminals, sites: batch?.sites, problems, peakMb }));
