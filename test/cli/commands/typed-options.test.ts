import { Command } from "@commander-js/extra-typings";
import { expect, expectTypeOf, test } from "vitest";
import type { OptionsOf } from "../../../cli/arguments/common-options.ts";
import type { AuditShowOptions } from "../../../cli/commands/audit/show-definition.ts";
import type { AuditVerifyOptions } from "../../../cli/commands/audit/verify-definition.ts";
import { bindCommand, type CommandContext } from "../../../cli/commands/command.ts";
import type { FilesOptions } from "../../../cli/commands/files/definition.ts";
import type { OnboardOptions } from "../../../cli/commands/onboard/definition.ts";
import type { OpenOptions } from "../../../cli/commands/open/definition.ts";
import type { ReinstateOptions } from "../../../cli/commands/reinstate/definition.ts";
import type { ReplaceOptions } from "../../../cli/commands/replace/definition.ts";
import type { RequestOptions } from "../../../cli/commands/request/definition.ts";
import type { RetireOptions } from "../../../cli/commands/retire/definition.ts";
import type { RevokeOptions } from "../../../cli/commands/revoke/definition.ts";
import type { RotateOptions } from "../../../cli/commands/rotate/definition.ts";
import type { RotateSigningKeyOptions } from "../../../cli/commands/rotate-signing-key/definition.ts";
import type { SendOptions } from "../../../cli/commands/send/definition.ts";
import type { SimulateOptions } from "../../../cli/commands/simulate/definition.ts";
import type { StatusOptions } from "../../../cli/commands/status/definition.ts";

/* `tsc`, which is a part of `npm run check`, checks the types here; at run time they always pass. */

const define = () =>
  new Command("example").argument("<terminal>").option("--all-customers").option("--wait <s>");
const handler = { run: async (_terminal: string, _options: OptionsOf<typeof define>) => {} };
const forOldFlag = { run: async (_terminal: string, _options: { everyCustomer?: true }) => {} };
const forNumber = { run: async (_terminal: string, _options: { wait?: number }) => {} };
const forTwoArguments = {
  run: async (_old: string, _new: string, _options: object, _context: CommandContext) => {},
};

test("a handler with the options of its definition is bound", () => {
  expect(bindCommand(define, async () => handler)).toBeTypeOf("function");
});

test("a handler that reads a renamed flag does not compile", () => {
  // @ts-expect-error The definition declares no --every-customer.
  bindCommand(define, async () => forOldFlag);
});

test("a handler that expects another type of an option does not compile", () => {
  // @ts-expect-error --wait is a string: it has no parser.
  bindCommand(define, async () => forNumber);
});

test("a handler that expects other arguments does not compile", () => {
  // @ts-expect-error The definition declares one argument.
  bindCommand(define, async () => forTwoArguments);
});

test("reading an undeclared option does not compile", () => {
  const read = (options: RevokeOptions) => {
    // @ts-expect-error The flag is --all-customers.
    return options.everyCustomer;
  };
  expect(read({ reason: "lost", wait: 1 })).toBeUndefined();
});

/** Names of the options whose type is `any`. */
type AnyOptions<Options> = {
  [Name in keyof Options]-?: 0 extends 1 & Options[Name] ? Name : never;
}[keyof Options];

test("no option of a command is of type any", () => {
  expectTypeOf<AnyOptions<AuditShowOptions>>().toBeNever();
  expectTypeOf<AnyOptions<AuditVerifyOptions>>().toBeNever();
  expectTypeOf<AnyOptions<FilesOptions>>().toBeNever();
  expectTypeOf<AnyOptions<OnboardOptions>>().toBeNever();
  expectTypeOf<AnyOptions<OpenOptions>>().toBeNever();
  expectTypeOf<AnyOptions<ReinstateOptions>>().toBeNever();
  expectTypeOf<AnyOptions<ReplaceOptions>>().toBeNever();
  expectTypeOf<AnyOptions<RequestOptions>>().toBeNever();
  expectTypeOf<AnyOptions<RetireOptions>>().toBeNever();
  expectTypeOf<AnyOptions<RevokeOptions>>().toBeNever();
  expectTypeOf<AnyOptions<RotateOptions>>().toBeNever();
  expectTypeOf<AnyOptions<RotateSigningKeyOptions>>().toBeNever();
  expectTypeOf<AnyOptions<SendOptions>>().toBeNever();
  expectTypeOf<AnyOptions<SimulateOptions>>().toBeNever();
  expectTypeOf<AnyOptions<StatusOptions>>().toBeNever();
});

test("options have the types of their parsers, choices and defaults", () => {
  expectTypeOf<RevokeOptions["reason"]>().toEqualTypeOf<string>();
  expectTypeOf<RevokeOptions["wait"]>().toEqualTypeOf<number>();
  expectTypeOf<RotateOptions["keys"]>().toEqualTypeOf<"hub" | "flow" | "shared" | "all">();
  expectTypeOf<FilesOptions["withdraw"]>().toEqualTypeOf<string[] | undefined>();
  expectTypeOf<StatusOptions["policies"]>().toEqualTypeOf<true | undefined>();
});
