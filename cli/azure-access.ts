/*
 * What the check before a deployment shares with the command line: sign-in, network, errors and output.
 */
export { explain } from "./azure/explain-error.ts";
export { connectionPolicy } from "./azure/http.ts";
export { type NetworkSettings, networkFromEnvironment } from "./azure/network.ts";
export { type SignIn, SignInFailures, signIn, signInOptions, signInWith } from "./azure/sign-in.ts";
export { exitCodes } from "./lib/exit-codes.ts";
export { type Lines, OperatorError, toLines } from "./lib/operator-error.ts";
export { quote } from "./lib/quote.ts";
export { formatError } from "./terminal-ui/format-error.ts";
export { Output } from "./terminal-ui/output.ts";
