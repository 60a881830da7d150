/*
 * Loaded before a program (node --import), it sets the program's clock off by FAULT_CLOCK_SKEW_MS milliseconds, as a
 * computer's whose time was not set.
 */
const skew = Number(process.env.FAULT_CLOCK_SKEW_MS ?? 0);
const now = Date.now;
Date.now = () => now() + skew;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now() + skew] : args, newTarget),
});
