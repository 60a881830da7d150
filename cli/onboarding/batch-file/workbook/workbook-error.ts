/** What is wrong with a workbook as a whole. The message is a problem of the batch file. */
export class WorkbookError extends Error {}
