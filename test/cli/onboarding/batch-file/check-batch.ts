import { checkBatch, type Problem } from "../../../../cli/onboarding/batch-file/batch.ts";

/* Checks the batch that is named, and says what came of it and of this process's memory, as JSON. */
const problems: Problem[] = [];
const batch = await checkBatch(process.argv[2] ?? "", { onProblem: (problem) => problems.push(problem) });
const peakMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ terminals: batch?.terminals, sites: batch?.sites, problems, peakMb }));
